//! A Docker engine.

/// Why a Docker engine does not take an image.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A value of `DOCKER_HOST` that is not understood.
    #[error(
        "`{host}` is not the address of a Docker engine that scant can reach: \
         `unix:///path/to/socket` or `tcp://host:port` was expected"
    )]
    Host {
        /// What was given.
        host: String,
    },
    /// No socket.
    #[error(
        "no Docker engine at `{host}`: there is no such socket. Is Docker installed and running? \
         Set `DOCKER_HOST` if it listens elsewhere, or write `docker-archive:FILE` and run \
         `docker load -i FILE`"
    )]
    Missing {
        /// The address.
        host: String,
    },
    /// Nobody listens.
    #[error("no Docker engine answers at `{host}`: connection refused. Is it running?")]
    Refused {
        /// The address.
        host: String,
    },
    /// Not allowed.
    #[error(
        "not allowed to talk to the Docker engine at `{host}`: permission denied. Members of the \
         socket's group (usually `docker`) may"
    )]
    Permission {
        /// The address.
        host: String,
    },
    /// The connection ends too early, or any other failure of it.
    #[error("the connection to the Docker engine at `{host}` failed while {doing}: {source}")]
    Connection {
        /// The address.
        host: String,
        /// What was going on.
        doing: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// It answers that something is wrong.
    #[error("the Docker engine at `{host}` refused the image: {message}")]
    Answer {
        /// The address.
        host: String,
        /// Its words.
        message: String,
    },
}
