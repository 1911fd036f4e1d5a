//! What is to be downloaded.

pub struct Album {
    pub server: String,
    pub id: String,
    /// The names of its files below `photos/` at the server.
    pub names: Vec<String>,
    /// How many are downloaded at the same time.
    pub jobs: usize,
}
