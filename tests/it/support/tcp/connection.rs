//! A connection, with or without TLS.

use tokio::io::{self, AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

pub(super) type Connection = Box<dyn Socket>;

pub(super) trait Socket: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Socket for TlsStream<Connection> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0.tcp()
    }
}

/// Reads the head of a request and what arrived with it, or the first bytes of a TLS handshake.
pub(super) async fn read_head(connection: &mut Connection) -> io::Result<String> {
    const TLS_HANDSHAKE: u8 = 0x16;
    let mut head = Vec::with_capacity(16 * 1024);
    let is_whole = |head: &[u8]| head.windows(4).any(|bytes| bytes == b"\r\n\r\n");
    while !is_whole(&head) && head.first() != Some(&TLS_HANDSHAKE) {
        if connection.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
