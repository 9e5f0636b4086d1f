//! Who is trusted to say who a server is: the authorities of the system, and those named besides.

use std::path::PathBuf;
use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use ureq::tls::{Certificate, RootCerts};

use super::NetError;

/// Where the system keeps the certificates of authorities. What is named replaces the usual places.
#[derive(Clone, Debug, Default)]
pub struct SystemRoots {
    /// A file of them, as `SSL_CERT_FILE` names one.
    pub file: Option<PathBuf>,
    /// A directory of such files, as `SSL_CERT_DIR` names one.
    pub directory: Option<PathBuf>,
}

/// The authorities of the system, or those of Mozilla where it has none, and those in files of PEM.
pub(super) fn roots(system: &SystemRoots, files: &[PathBuf]) -> Result<RootCerts, NetError> {
    let mut all: Vec<Certificate<'static>> = Vec::new();
    let found = match (&system.file, &system.directory) {
        (None, None) => rustls_native_certs::load_native_certs(),
        (file, directory) => {
            rustls_native_certs::load_certs_from_paths(file.as_deref(), directory.as_deref())
        }
    };
    // What of the system cannot be read is as if it were not there.
    for certificate in found.certs {
        all.push(Certificate::from_der(&certificate).to_owned());
    }
    for file in files {
        all.extend(of_file(file)?);
    }
    if all.is_empty() {
        return Ok(RootCerts::WebPki);
    }
    Ok(RootCerts::Specific(Arc::new(all)))
}

fn of_file(file: &PathBuf) -> Result<Vec<Certificate<'static>>, NetError> {
    let failed = |why: String| NetError::Certificates { path: file.display().to_string(), why };
    let text = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|error| failed(error.to_string()))?;
    if certificates.is_empty() {
        return Err(failed("there is none: `-----BEGIN CERTIFICATE-----` was expected".into()));
    }
    let owned = |certificate: &CertificateDer<'_>| Certificate::from_der(certificate).to_owned();
    Ok(certificates.iter().map(owned).collect())
}
