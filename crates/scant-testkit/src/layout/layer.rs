//! Layers: how they are compressed, what their diff ID is, and the tar archive in them.

use std::io::Read as _;

use super::descriptor::Described;
use super::{Check, digest_of, tar_rules};

/// `ID1 ID2 CM FLG MTIME XFL OS` of a gzip file that says nothing about its making.
/// [RFC 1952, 2.3](https://www.rfc-editor.org/rfc/rfc1952#section-2.3).
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

impl Check<'_> {
    /// `time` is the modification time that all layers of the image have.
    pub(super) fn layer(
        &mut self,
        place: &str,
        layer: &Described<'_>,
        diff_id: Option<&str>,
        time: &mut Option<u64>,
    ) {
        let bytes = layer.bytes;
        let tar = match layer.media_type.as_str() {
            "application/vnd.oci.image.layer.v1.tar" => Ok(bytes.to_vec()),
            "application/vnd.oci.image.layer.v1.tar+gzip" => self.gzip(place, bytes),
            "application/vnd.oci.image.layer.v1.tar+zstd" => {
                zstd::decode_all(bytes).map_err(|e| format!("it is not zstd: {e}"))
            }
            other => Err(format!("`{other}` is not the media type of a layer")),
        };
        let tar = match tar {
            Ok(tar) => tar,
            Err(problem) => return self.report(place, problem),
        };
        let found = digest_of(&tar);
        if let Some(diff_id) = diff_id.filter(|diff_id| *diff_id != found) {
            self.report(place, format!("the diff ID is `{found}`, not `{diff_id}`"));
        }
        for problem in tar_rules::check(&tar, tar_rules::Kind::Layer, time) {
            self.report(place, problem);
        }
    }

    fn gzip(&mut self, place: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let header = bytes.get(..10).unwrap_or(bytes);
        if header != GZIP_HEADER {
            let hex: Vec<String> = header.iter().map(|byte| format!("{byte:02x}")).collect();
            let problem = "not 1f 8b 08 00 00 00 00 00 00 ff";
            self.report(place, format!("the gzip header is {}, {problem}", hex.join(" ")));
        }
        let mut decoder = flate2::bufread::GzDecoder::new(bytes);
        let mut tar = Vec::new();
        decoder.read_to_end(&mut tar).map_err(|e| format!("it is not gzip: {e}"))?;
        let rest = decoder.into_inner().len();
        if rest != 0 {
            self.report(place, format!("{rest} bytes follow the first gzip member"));
        }
        Ok(tar)
    }
}

/// The tar archive in a layer whose media type is not known.
pub(super) fn decompress(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut tar = Vec::new();
    match bytes {
        [0x1f, 0x8b, ..] => {
            flate2::read::GzDecoder::new(bytes).read_to_end(&mut tar).ok()?;
            Some(tar)
        }
        [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd::decode_all(bytes).ok(),
        _ => Some(bytes.to_vec()),
    }
}
