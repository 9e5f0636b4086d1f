//! Package URLs. [Specification](https://github.com/package-url/purl-spec).

use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;

/// A package URL of a package of a distribution: `pkg:apk/alpine/musl@1.2.3-r0?arch=x86_64`.
pub fn purl(kind: &str, vendor: &str, name: &str, version: &str, architecture: &str) -> String {
    let mut purl = format!("pkg:{kind}/");
    for (part, before) in [(vendor, ""), (name, "/"), (version, "@"), (architecture, "?arch=")] {
        if part.is_empty() {
            continue;
        }
        purl.push_str(before);
        for byte in part.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => {
                    purl.push(char::from(byte));
                }
                _ => write!(purl, "%{byte:02X}").expect("a string can be written to"),
            }
        }
    }
    purl
}

#[cfg(test)]
mod tests {
    use super::purl;

    #[test]
    fn package_urls() {
        let case = |parts: [&str; 4], expected: &str| {
            let [vendor, name, version, architecture] = parts;
            assert_eq!(purl("apk", vendor, name, version, architecture), expected);
        };
        case(["alpine", "musl", "1.2.3-r0", "x86_64"], "pkg:apk/alpine/musl@1.2.3-r0?arch=x86_64");
        case(["wolfi", "libstdc++", "1_git2", ""], "pkg:apk/wolfi/libstdc%2B%2B@1_git2");
    }
}
