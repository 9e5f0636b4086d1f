//! The platforms images are built for: one table with the names that OCI, Debian and Alpine give
//! them and the fields that ELF files carry.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An OCI platform, `linux/ARCHITECTURE[/VARIANT]`.
/// [Image specification, index: platform](https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    architecture: Architecture,
}

/// A text that names no platform scant knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a platform that scant knows: {}", known())]
pub struct PlatformError {
    /// What was given.
    pub text: String,
}

/// 32 or 64 bit ELF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Class {
    Elf32,
    Elf64,
}

/// The order of bytes in an ELF file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ByteOrder {
    Little,
    Big,
}

/// An architecture with its variant: one row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the OCI name, the variant appended")]
pub enum Architecture {
    I386,
    Amd64,
    ArmV5,
    ArmV6,
    ArmV7,
    Arm64,
    Loong64,
    Mips,
    Mipsle,
    Mips64,
    Mips64le,
    Ppc64,
    Ppc64le,
    Riscv64,
    S390x,
}

/// One row: names and ELF identity of an architecture.
struct Row {
    architecture: Architecture,
    oci: &'static str,
    variant: Option<&'static str>,
    debian: &'static str,
    alpine: &'static str,
    machine: u16,
    class: Class,
    order: ByteOrder,
}

/// `e_machine` values, <https://www.sco.com/developers/gabi/latest/ch4.eheader.html> and later
/// registrations.
mod machine {
    pub(super) const I386: u16 = 3;
    pub(super) const MIPS: u16 = 8;
    pub(super) const PPC64: u16 = 21;
    pub(super) const S390: u16 = 22;
    pub(super) const ARM: u16 = 40;
    pub(super) const X86_64: u16 = 62;
    pub(super) const AARCH64: u16 = 183;
    pub(super) const RISCV: u16 = 243;
    pub(super) const LOONGARCH: u16 = 258;
}

/// A row in one line, as the table below reads best.
const fn row(
    architecture: Architecture,
    (oci, variant): (&'static str, Option<&'static str>),
    (debian, alpine): (&'static str, &'static str),
    (machine, class, order): (u16, Class, ByteOrder),
) -> Row {
    Row { architecture, oci, variant, debian, alpine, machine, class, order }
}

/// The table. Where ELF cannot tell variants apart, the most common one comes first. An empty name
/// means that the distribution has no such port.
static TABLE: &[Row] = {
    use Architecture::*;
    use ByteOrder::{Big, Little};
    use Class::{Elf32, Elf64};
    &[
        row(Amd64, ("amd64", None), ("amd64", "x86_64"), (machine::X86_64, Elf64, Little)),
        row(Arm64, ("arm64", None), ("arm64", "aarch64"), (machine::AARCH64, Elf64, Little)),
        row(ArmV7, ("arm", Some("v7")), ("armhf", "armv7"), (machine::ARM, Elf32, Little)),
        row(ArmV6, ("arm", Some("v6")), ("", "armhf"), (machine::ARM, Elf32, Little)),
        row(ArmV5, ("arm", Some("v5")), ("armel", ""), (machine::ARM, Elf32, Little)),
        row(I386, ("386", None), ("i386", "x86"), (machine::I386, Elf32, Little)),
        row(
            Loong64,
            ("loong64", None),
            ("loong64", "loongarch64"),
            (machine::LOONGARCH, Elf64, Little),
        ),
        row(Mips, ("mips", None), ("mips", ""), (machine::MIPS, Elf32, Big)),
        row(Mipsle, ("mipsle", None), ("mipsel", ""), (machine::MIPS, Elf32, Little)),
        row(Mips64, ("mips64", None), ("mips64", "mips64"), (machine::MIPS, Elf64, Big)),
        row(Mips64le, ("mips64le", None), ("mips64el", ""), (machine::MIPS, Elf64, Little)),
        row(Ppc64, ("ppc64", None), ("ppc64", ""), (machine::PPC64, Elf64, Big)),
        row(Ppc64le, ("ppc64le", None), ("ppc64el", "ppc64le"), (machine::PPC64, Elf64, Little)),
        row(Riscv64, ("riscv64", None), ("riscv64", "riscv64"), (machine::RISCV, Elf64, Little)),
        row(S390x, ("s390x", None), ("s390x", "s390x"), (machine::S390, Elf64, Big)),
    ]
};

impl Architecture {
    fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.architecture == self).expect("every architecture has a row")
    }

    /// Debian's name of the architecture; none when Debian has no such port.
    pub fn debian(self) -> Option<&'static str> {
        Some(self.row().debian).filter(|name| !name.is_empty())
    }

    /// Alpine's name of the architecture; none when Alpine has no such port.
    pub fn alpine(self) -> Option<&'static str> {
        Some(self.row().alpine).filter(|name| !name.is_empty())
    }
}

impl Platform {
    /// Linux on this architecture.
    pub fn linux(architecture: Architecture) -> Self {
        Self { architecture }
    }

    /// All platforms.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| Self::linux(row.architecture))
    }

    /// The platform an ELF file was made for, from its header; the most common variant where the
    /// header does not say. None for a machine that OCI has no name for.
    pub fn of_elf(machine: u16, class: Class, order: ByteOrder) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| (row.machine, row.class, row.order) == (machine, class, order))
            .map(|row| Self::linux(row.architecture))
    }

    /// Whether an ELF file with this header may belong to the platform: variants are not told
    /// apart.
    pub fn admits_elf(self, machine: u16, class: Class, order: ByteOrder) -> bool {
        let row = self.architecture.row();
        (row.machine, row.class, row.order) == (machine, class, order)
    }

    /// OCI's `os`.
    pub fn os(self) -> &'static str {
        "linux"
    }

    /// The architecture with its variant.
    pub fn architecture(self) -> Architecture {
        self.architecture
    }

    /// OCI's `architecture` (Go's `GOARCH`).
    pub fn oci_architecture(self) -> &'static str {
        self.architecture.row().oci
    }

    /// OCI's `variant`; absent where it is the only or the default one, as containerd normalises.
    pub fn variant(self) -> Option<&'static str> {
        self.architecture.row().variant
    }
}

fn known() -> String {
    let names = Platform::all().map(|platform| platform.to_string());
    names.collect::<alloc::vec::Vec<_>>().join(", ")
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let refused = || PlatformError { text: text.to_string() };
        let rest = text.strip_prefix("linux/").ok_or_else(refused)?;
        // `arm64/v8` and `amd64/v1` are spellings of the architecture without a variant.
        let (name, variant) = match rest {
            "arm64/v8" => ("arm64", None),
            "amd64/v1" => ("amd64", None),
            "arm" => ("arm", Some("v7")),
            _ => rest.split_once('/').map_or((rest, None), |(name, variant)| (name, Some(variant))),
        };
        TABLE
            .iter()
            .find(|row| row.oci == name && row.variant == variant)
            .map(|row| Self::linux(row.architecture))
            .ok_or_else(refused)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os(), self.oci_architecture())?;
        self.variant().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Platform {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        let shown = text.parse::<Platform>().map_or("refused".into(), |p| p.to_string());
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn names_are_normalised_as_containerd_does() {
        case("linux/amd64", "linux/amd64");
        case("linux/amd64/v1", "linux/amd64");
        case("linux/arm64/v8", "linux/arm64");
        case("linux/arm", "linux/arm/v7");
        case("linux/arm/v6", "linux/arm/v6");
        case("linux/sparc", "refused");
        case("windows/amd64", "refused");
        case("amd64", "refused");
    }

    #[test]
    fn every_row_is_found_by_its_name_and_by_its_header() {
        for row in TABLE {
            let platform = Platform::linux(row.architecture);
            assert_eq!(platform.to_string().parse(), Ok(platform));
            assert!(platform.admits_elf(row.machine, row.class, row.order));
            assert!(Platform::of_elf(row.machine, row.class, row.order).is_some());
        }
    }
}
