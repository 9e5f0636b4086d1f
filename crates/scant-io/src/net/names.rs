//! Addresses of hosts, looked up once. Otherwise each request asks for them, also one that goes over a
//! connection that is there: servers of names drop some of so many questions, and the answer to one
//! that was dropped is waited for several seconds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// What is known of hosts. All clones know the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Arc<Mutex<BTreeMap<String, Known>>>);

/// The addresses of one host, once somebody has asked. Who asks meanwhile waits for the same answer.
type Known = Arc<Mutex<Option<ResolvedSocketAddrs>>>;

impl Names {
    /// Nothing is known of this host any more: it may have moved.
    pub(super) fn forget(&self, uri: &Uri) {
        lock(&self.0).remove(&key(uri));
    }
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let known = lock(&self.0).entry(key(uri)).or_default().clone();
        let mut known = lock(&known);
        if let Some(addresses) = &*known {
            return Ok(addresses.clone());
        }
        let addresses = DefaultResolver::default().resolve(uri, config, timeout)?;
        Ok(known.insert(addresses).clone())
    }
}

/// What addresses are of: a port is part of them, and goes by the scheme where none is said.
fn key(uri: &Uri) -> String {
    let part = |part: Option<&str>| part.unwrap_or_default().to_string();
    format!("{}://{}", part(uri.scheme_str()), part(uri.authority().map(|host| host.as_str())))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Values are put in as a whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_apart_by_scheme_and_port() {
        let shown = |text: &str| key(&text.parse().unwrap());
        assert_eq!(shown("http://a.example/x?y"), "http://a.example");
        assert_ne!(shown("http://a.example/"), shown("https://a.example/"));
        assert_ne!(shown("http://a.example/"), shown("http://a.example:81/"));
    }

    #[test]
    fn what_is_known_is_not_looked_up() {
        let names = Names::default();
        let uri: Uri = "http://nowhere.invalid/".parse().unwrap();
        let agent = ureq::Agent::with_parts(
            Config::builder().proxy(None).build(),
            ureq::unversioned::transport::DefaultConnector::default(),
            names.clone(),
        );
        let mut addresses = names.empty();
        // A port that nobody listens at: refused, and not unknown.
        addresses.push(([127, 0, 0, 1], 1).into());
        *lock(&lock(&names.0).entry(key(&uri)).or_default().clone()) = Some(addresses);
        let refused = agent.get(uri.clone()).call().unwrap_err();
        assert!(!matches!(refused, Error::HostNotFound), "{refused}");
        names.forget(&uri);
        assert!(lock(&names.0).is_empty());
    }
}
