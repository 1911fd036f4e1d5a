//! The link to a file, renewed by listing the file's page again.

use http::{
    HeaderValue, Method,
    header::{ACCEPT_ENCODING, IF_MATCH, RANGE},
};
use reqwest::{Request, Url};

use super::decision::Received;
use crate::{
    albums::{
        content::AlbumContent, file_type::FileType, list_content::ListAlbumContent,
        presigned_url::PresignedUrl,
    },
    calls::context::Client,
    error::{Error, ErrorKind, Result},
    wire::endpoint::Endpoint,
};

#[derive(Clone)]
pub(super) struct Link {
    pub(super) file: AlbumContent,
    /// It leads to the thumbnail instead of the content.
    pub(super) is_thumbnail: bool,
    /// It was renewed, and the storage has not accepted it yet.
    pub(super) is_new: bool,
}

impl Link {
    pub(super) fn new(file: AlbumContent) -> Self {
        Self { file, is_thumbnail: false, is_new: false }
    }

    fn link(&self) -> Option<PresignedUrl<'_>> {
        if self.is_thumbnail { self.file.thumbnail_url() } else { self.file.content_url() }
    }

    /// How long the album says that it is. It does not say it of thumbnails.
    pub(super) fn size(&self) -> Option<u64> {
        self.file.size().filter(|_| !self.is_thumbnail)
    }

    /// Whether what it leads to cannot be a document. SVG pictures are XML.
    pub(super) fn is_media(&self) -> bool {
        match self.file.mime_type() {
            _ if self.is_thumbnail => true,
            Some(kind) if kind.starts_with("image/svg") => false,
            Some(kind) if kind.starts_with("image/") || kind.starts_with("video/") => true,
            _ => matches!(self.file.file_type(), Some(FileType::Image | FileType::Video)),
        }
    }

    /// Renews the link if it has expired by the service's clock. A new one is not doubted: the clock may be
    /// wrong.
    pub(super) async fn keep_fresh(&mut self, client: &Client) -> Result<()> {
        let now = client.0.transport.clock.stamp().instant;
        let is_dead =
            self.link().is_none_or(|link| link.expires_at().is_some_and(|end| end <= now));
        if is_dead && !self.is_new && self.file.page().is_some() {
            self.renew(client).await?;
        }
        Ok(())
    }

    pub(super) async fn renew(&mut self, client: &Client) -> Result<()> {
        let page = self.file.page().ok_or_else(|| {
            stale("its link has expired, and it does not know the page that it was listed on")
        })?;
        let list = ListAlbumContent::new(client.clone(), page.album_id().to_owned());
        let page = list.resume(page.clone()).send().await?;
        let found = page.into_contents().into_iter().find(|file| file.id() == self.file.id());
        let found =
            found.ok_or_else(|| stale("it is no longer on the page that it was listed on"))?;
        if !found.same_version(&self.file) {
            return Err(stale("it was changed"));
        }
        (self.file, self.is_new) = (found, true);
        Ok(())
    }

    /// A plain GET of the link, byte for byte, for what is missing.
    pub(super) fn request(&self, endpoint: &Endpoint, received: &Received) -> Result<Request> {
        let mut request = Request::new(Method::GET, self.url(endpoint)?);
        let headers = request.headers_mut();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if let Some((start, etag)) = received.resumption() {
            let invalid =
                |_| Error::new(ErrorKind::Decode, "the storage's ETag cannot be sent back");
            headers.insert(IF_MATCH, HeaderValue::from_str(etag).map_err(invalid)?);
            let range = HeaderValue::from_str(&format!("bytes={start}-"));
            headers.insert(RANGE, range.map_err(invalid)?);
        }
        Ok(request)
    }

    fn url(&self, endpoint: &Endpoint) -> Result<Url> {
        let link = self.link().ok_or_else(|| stale("it has no link"))?;
        let refuse = |why| Error::new(ErrorKind::Decode, format!("the link of the file {why}"));
        let url = Url::parse(link.as_str()).map_err(|_| refuse("is not a URL"))?;
        if !endpoint.admits(&url) {
            return Err(refuse("is not https, so that anyone on the way could see the file"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("holds a user name or password"));
        }
        Ok(url)
    }
}

fn stale(why: &str) -> Error {
    let message = format!("the file is no longer as it was listed: {why}; list the album again");
    Error::new(ErrorKind::Stale, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(link: &str) -> Result<Request> {
        let json = serde_json::json!({ "id": "1", "contentUrl": link }).to_string();
        let endpoint = Endpoint::parse("https://koodrive.example.com", false).unwrap();
        let file = serde_json::from_str(&json).unwrap();
        Link::new(file).request(&endpoint, &Received::default())
    }

    #[test]
    fn a_link_is_sent_byte_for_byte() {
        for link in [
            "https://a.example/photo?X-Amz-Date=20251027T091151Z&name=a%253D%2B%7e+b~*|!(c)",
            "https://a.example:8443/a//b/%2e%2E%2f/c;d=e/?x=&y&&z=%E5%9B%BE#",
        ] {
            let sent = request(link).unwrap();
            assert_eq!(sent.url().as_str(), link);
            let names: Vec<&str> = sent.headers().keys().map(http::HeaderName::as_str).collect();
            assert_eq!(names, ["accept-encoding"]);
        }
    }

    #[test]
    fn a_link_that_is_not_https_or_holds_a_password_is_refused_and_not_shown() {
        for link in [
            "http://a.example/canary",
            "ftp://a.example/canary",
            "https://canary:canary@a.example/canary",
            "canary",
            "",
        ] {
            let error = request(link).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{link}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{link}");
        }
    }
}
