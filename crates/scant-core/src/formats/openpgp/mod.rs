//! OpenPGP as far as archives of packages are signed with it: armor, packets, keys, signatures and
//! clear-signed text of version 4. What a signature is worth is not decided here; nothing is
//! encrypted or made.
//! [RFC 9580](https://www.rfc-editor.org/rfc/rfc9580), and RFC 4880 where that is looser.

pub mod armor;
mod cleartext;
mod fingerprint;
mod key;
mod keyring;
mod packet;
mod reader;
mod signature;
mod subpacket;

pub use armor::ArmorError;
pub(crate) use cleartext::canonical;
pub use cleartext::{Cleartext, CleartextError};
pub use fingerprint::{Fingerprint, FingerprintError, KeyId};
pub use key::{Material, PublicKey};
pub use keyring::{Certificate, Keyring, KeyringError, MAX_KEYRING, Subkey, UserId};
pub use packet::{Packet, PacketError, packets};
pub use signature::{HashAlgorithm, Signature, SignatureError, Values, kind};
pub use subpacket::{Critical, Subpackets};
