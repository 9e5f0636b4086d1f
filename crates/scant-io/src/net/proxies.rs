//! Which server is reached through which other one, as curl and Go read the variables of the
//! environment: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`.

use std::net::IpAddr;

use scant_core::words::Url;

/// The proxies that are set.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// For what is not encrypted.
    pub http: Option<String>,
    /// For what is encrypted, which is tunnelled.
    pub https: Option<String>,
    /// Hosts that are reached without: names, which stand for all below them too, addresses,
    /// networks as `10.0.0.0/8`, `*` for all; with commas between them.
    pub none: String,
}

impl Proxies {
    /// The proxy for a URL. This machine itself is never reached through another.
    pub(super) fn of(&self, url: &Url) -> Option<&str> {
        let proxy = if url.is_https() { &self.https } else { &self.http };
        let proxy = proxy.as_deref().filter(|proxy| !proxy.is_empty())?;
        (!url.is_loopback() && !self.is_excepted(url)).then_some(proxy)
    }

    fn is_excepted(&self, url: &Url) -> bool {
        let host = url.host();
        let address: Option<IpAddr> = host.parse().ok();
        self.none.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
            let (entry, port) = match entry.rsplit_once(':') {
                Some((name, port)) if !name.contains(':') => (name, port.parse().ok()),
                _ => (entry, None),
            };
            if port.is_some_and(|port: u16| port != url.port()) {
                return false;
            }
            match address {
                _ if entry == "*" => true,
                Some(address) => is_in_network(address, entry),
                None => {
                    let entry = entry.trim_start_matches("*.").trim_start_matches('.');
                    let entry = entry.to_ascii_lowercase();
                    host.strip_suffix(&*entry)
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                }
            }
        })
    }
}

fn is_in_network(address: IpAddr, entry: &str) -> bool {
    let (network, bits) = match entry.split_once('/') {
        Some((network, bits)) => (network, bits.parse::<u32>().ok()),
        None => (entry, Some(128)),
    };
    let network = network.trim_start_matches('[').trim_end_matches(']');
    let (Ok(network), Some(bits)) = (network.parse::<IpAddr>(), bits) else { return false };
    let shift = |width: u32| width.saturating_sub(bits);
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let difference = u32::from(a) ^ u32::from(b);
            difference.checked_shr(shift(32)).unwrap_or(0) == 0
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let difference = u128::from(a) ^ u128::from(b);
            difference.checked_shr(shift(128)).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_its_proxy() {
        let case = |none: &str, url: &str, expected: Option<&str>| {
            let proxies = Proxies {
                http: Some("http://p:1".into()),
                https: Some("http://p:2".into()),
                none: none.into(),
            };
            assert_eq!(proxies.of(&url.parse().unwrap()), expected, "{none} {url}");
        };
        case("", "http://example.com/", Some("http://p:1"));
        case("", "https://example.com/", Some("http://p:2"));
        case("", "https://localhost/", None);
        case("", "http://127.0.0.9:5000/", None);
        case("example.com", "https://example.com/", None);
        case("a, example.com", "https://sub.example.com/", None);
        case(".example.com", "https://sub.example.com/", None);
        case("*.example.com", "https://sub.example.com/", None);
        case("example.com", "https://notexample.com/", Some("http://p:2"));
        case("example.com:444", "https://example.com/", Some("http://p:2"));
        case("example.com:443", "https://example.com/", None);
        case("*", "https://example.com/", None);
        case("10.0.0.0/8", "https://10.1.2.3/", None);
        case("10.0.0.0/8", "https://11.1.2.3/", Some("http://p:2"));
        case("10.1.2.3", "https://10.1.2.3/", None);
        case("0.0.0.0/0", "https://10.1.2.3/", None);
        case("fd00::/8", "https://[fd00::1]/", None);
    }
}
