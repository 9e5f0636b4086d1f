//! `Release` files of Debian's archives: what an archive has, by SHA-256. Weaker digests are not
//! looked at.
//! [Repository format](https://wiki.debian.org/DebianRepository/Format#A.22Release.22_files).

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::control;
use crate::words::Digest;

/// What a `Release` file says, once its signature is known to be good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// Who made it, such as `Debian`.
    pub origin: String,
    /// `Label`.
    pub label: String,
    /// What it is for now, such as `stable`.
    pub suite: String,
    /// Its own name, such as `bookworm`.
    pub codename: String,
    /// When it was made, in seconds since 1970.
    pub date: Option<i64>,
    /// When it is over, in seconds since 1970.
    pub valid_until: Option<i64>,
    /// The architectures it has packages for.
    pub architectures: Vec<String>,
    /// Its components.
    pub components: Vec<String>,
    /// Whether files are also there under the names of their digests.
    pub acquire_by_hash: bool,
    /// Whether packages for all architectures are in the lists of each.
    pub has_no_list_for_all: bool,
    /// Whether nothing of it is taken by itself, such as what is not released yet.
    pub not_automatic: bool,
    /// With that: whether what is taken from it goes with it.
    pub but_automatic_upgrades: bool,
    /// Where its snapshots are, with [`SNAPSHOT`](super::SNAPSHOT) for the name of one; `no` if it has
    /// none, empty if it does not say.
    pub snapshots: String,
    /// Digest and size of each file, by its path below the directory of the release.
    pub files: BTreeMap<Box<str>, (Digest, u64)>,
}

/// What is wrong with a `Release` file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// It has no field, or more than one paragraph.
    #[error("it is not one paragraph of fields, as a Release file is")]
    NotOne,
    /// A date that is none.
    #[error("its {field} is `{text}`, which is no date like `Sat, 01 Jan 2022 00:00:00 UTC`")]
    Date {
        /// The field.
        field: &'static str,
        /// Its value.
        text: String,
    },
    /// It has no list of SHA-256 digests.
    #[error("it has no SHA256: digests that are weaker are not believed")]
    NoDigests,
    /// A line of the list that makes no sense.
    #[error("`{line}` in its SHA256 is not a digest, a size and a path")]
    File {
        /// The line.
        line: String,
    },
}

impl Release {
    /// How much its packages are preferred: apt_preferences(5).
    pub fn priority(&self) -> i32 {
        match (self.not_automatic, self.but_automatic_upgrades) {
            (false, _) => 500,
            (true, false) => 1,
            (true, true) => 100,
        }
    }

    /// Reads a `Release` file, or what an `InRelease` file signs.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, ReleaseError> {
        let mut paragraphs = control::paragraphs(text);
        let (Some(paragraph), None) = (paragraphs.next(), paragraphs.next()) else {
            return Err(ReleaseError::NotOne);
        };
        let mut release = Self::default();
        let mut digests = None;
        for (name, value) in paragraph.fields() {
            let words = || value.split_whitespace().map(str::to_string).collect();
            match name {
                "Origin" => release.origin = value.into(),
                "Label" => release.label = value.into(),
                "Suite" => release.suite = value.into(),
                "Codename" => release.codename = value.into(),
                "Date" => release.date = Some(date("Date", value)?),
                "Valid-Until" => release.valid_until = Some(date("Valid-Until", value)?),
                "Architectures" => release.architectures = words(),
                "Components" => release.components = words(),
                "Acquire-By-Hash" => release.acquire_by_hash = value == "yes",
                "No-Support-for-Architecture-all" => {
                    release.has_no_list_for_all = value.split_whitespace().any(|w| w == "Packages");
                }
                "NotAutomatic" => release.not_automatic = value == "yes",
                "ButAutomaticUpgrades" => release.but_automatic_upgrades = value == "yes",
                "Snapshots" => release.snapshots = value.into(),
                "SHA256" => digests = Some(value),
                _ => {}
            }
        }
        for line in control::lines(digests.ok_or(ReleaseError::NoDigests)?) {
            let refuse = || ReleaseError::File { line: line.to_string() };
            let (path, file) = file(line).ok_or_else(refuse)?;
            release.files.insert(path.into(), file);
        }
        Ok(release)
    }
}

fn file(line: &str) -> Option<(&str, (Digest, u64))> {
    let mut words = line.split_whitespace();
    let (digest, size, path) = (words.next()?, words.next()?, words.next()?);
    let digest = Digest::from_hex(digest)?;
    let is_safe =
        !path.starts_with('/') && path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    (is_safe && words.next().is_none()).then_some((path, (digest, size.parse().ok()?)))
}

fn date(field: &'static str, text: &str) -> Result<i64, ReleaseError> {
    seconds(text).ok_or_else(|| ReleaseError::Date { field, text: text.to_string() })
}

/// A date as RFC 2822 has it, in UTC: with the name of the day or without.
fn seconds(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = text.split_once(',').map_or(text, |(_, rest)| rest);
    let mut words = text.split_whitespace();
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut time = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let is_utc = matches!(words.next(), Some("UTC" | "GMT" | "+0000" | "Z"));
    let is_sane = (1..=31).contains(&day)
        && (1970..=9999).contains(&year)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !is_utc || !is_sane || time.next().is_some() || words.next().is_some() {
        return None;
    }
    // Days since 1970, with years that begin in March, so that February comes last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some((days - 719_468) * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        let case =
            |text: &str, expected: Option<i64>| assert_eq!(seconds(text), expected, "{text}");
        case("Thu, 01 Jan 1970 00:00:00 UTC", Some(0));
        case("Sat, 11 Jul 2026 10:16:37 UTC", Some(1_783_764_997));
        case("29 Feb 2024 23:59:59 +0000", Some(1_709_251_199));
        case("Sat, 11 Jul 2026 10:16:37 +0200", None);
        case("Sat, 11 Jul 2026 10:16:37", None);
        case("Sat, 11 Foo 2026 10:16:37 UTC", None);
        case("Sat, 99 Jul 2026 10:16:37 UTC", None);
    }

    #[test]
    fn releases_are_read() {
        let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let case = |text: &str, expected: &str| {
            let text = text.replace("DIGEST", digest);
            let shown = match Release::parse(&text) {
                Ok(release) => {
                    let files: Vec<_> = release.files.iter().collect();
                    alloc::format!("{} {:?} {files:?}", release.codename, release.components)
                        .replace(digest, "DIGEST")
                }
                Err(error) => error.to_string(),
            };
            assert_eq!(shown, expected);
        };
        case(
            "Codename: x\nComponents: a b\nMD5Sum:\n 00 1 f\nSHA256:\n DIGEST  12 main/Packages.gz\n",
            "x [\"a\", \"b\"] [(\"main/Packages.gz\", (sha256:DIGEST, 12))]",
        );
        case("Codename: x\n", "it has no SHA256: digests that are weaker are not believed");
        case("", "it is not one paragraph of fields, as a Release file is");
        case("A: 1\n\nSHA256:\n", "it is not one paragraph of fields, as a Release file is");
        case(
            "SHA256:\n DIGEST 1 ../x\n",
            &alloc::format!("`{} 1 ../x` in its SHA256 is not a digest, a size and a path", digest),
        );
        case(
            "Date: now\nSHA256:\n",
            "its Date is `now`, which is no date like `Sat, 01 Jan 2022 00:00:00 UTC`",
        );
    }
}
