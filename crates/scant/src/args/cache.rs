//! What can be typed after `scant cache`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand};

/// Show how large the cache is, verify it, or make it smaller
///
/// Layers are what builds compressed, builds what whole builds asked and said, downloads the files
/// that were loaded from the network. All of it can be made or loaded again.
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant cache
  scant cache verify
  scant cache prune --keep-size 5GB
  scant cache prune --older-than 30d
  scant cache prune --all")]
pub(crate) struct Cache {
    #[command(subcommand)]
    pub(crate) action: Option<CacheAction>,
    /// The cache; else scant in the user's cache directory
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) cache_dir: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum CacheAction {
    /// Read every file of the cache, and remove those that are damaged
    ///
    /// Layers and builds of other versions of scant are not read.
    #[command(after_help = "\
Example:
  scant cache verify --json

Exits with 1 if anything was damaged.")]
    Verify,
    Prune(Prune),
}

/// Remove what was not used for long; what is in use stays
#[derive(ClapArgs)]
#[command(after_help = "\
Examples:
  scant cache prune                                  # what was not used for 30 days
  scant cache prune --keep-size 5GB --older-than 2w")]
pub(crate) struct Prune {
    /// Remove what was used longest ago until no more than this is left: 500MB, 5GB, 2GiB
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub(crate) keep_size: Option<u64>,
    /// Remove what was not used for so long: 12h, 30d, 2w; 30d if nothing is said
    #[arg(long, value_name = "TIME", value_parser = parse_age)]
    pub(crate) older_than: Option<Duration>,
    /// Remove everything
    #[arg(long, conflicts_with_all = ["keep_size", "older_than"])]
    pub(crate) all: bool,
}

/// A whole number and a unit.
fn parse_size(text: &str) -> Result<u64, String> {
    let unit = |unit: &str| match unit.trim() {
        "" | "B" => Some(1),
        "kB" | "KB" => Some(1_000),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        "TB" => Some(1_000_000_000_000),
        "KiB" => Some(1 << 10),
        "MiB" => Some(1 << 20),
        "GiB" => Some(1 << 30),
        "TiB" => Some(1 << 40),
        _ => None,
    };
    parse(text, unit).ok_or_else(|| "a whole number and a unit: 500MB, 5GB, 2GiB".into())
}

fn parse_age(text: &str) -> Result<Duration, String> {
    const HOUR: u64 = 60 * 60;
    let unit = |unit: &str| match unit {
        "h" => Some(HOUR),
        "d" => Some(24 * HOUR),
        "w" => Some(7 * 24 * HOUR),
        _ => None,
    };
    let seconds = parse(text, unit).ok_or("a whole number and a unit: 12h, 30d, 2w")?;
    Ok(Duration::from_secs(seconds))
}

fn parse(text: &str, unit: impl Fn(&str) -> Option<u64>) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().ok()?;
    number.checked_mul(unit(&text[end..])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ages_are_read() {
        let size = |text: &str| parse_size(text).ok();
        assert_eq!(size("5GB"), Some(5_000_000_000));
        assert_eq!(size("2 GiB"), Some(2 << 30));
        assert_eq!(size("17"), Some(17));
        assert_eq!(size("99999999TB"), None);
        assert_eq!(size("1.5GB"), None);
        assert_eq!(size("GB"), None);
        let age = |text: &str| parse_age(text).ok().map(|age| age.as_secs());
        assert_eq!(age("2w"), Some(14 * 24 * 60 * 60));
        assert_eq!(age("12h"), Some(12 * 60 * 60));
        assert_eq!(age("30"), None);
        assert_eq!(age("-1d"), None);
    }
}
