//! Names of images, platforms and digests: what is read prints as something that reads the same.
#![no_main]

use std::fmt::Display;
use std::str::FromStr;

use libfuzzer_sys::fuzz_target;
use scant_core::formats::image_reference::{ImageArgument, ImageReference, Name};
use scant_core::words::{Digest, Mode, Platform};

fuzz_target!(|text: &str| {
    again::<ImageReference>(text);
    again::<Platform>(text);
    again::<Digest>(text);
    again::<Mode>(text);
    if let Some(name) = again::<Name>(text) {
        let tagged: Name = name.tagged().parse().expect("a full name is a name");
        let familiar: Name = name.familiar().parse().expect("a short name is a name");
        assert_eq!(tagged, familiar);
        assert_eq!(
            (tagged.registry(), tagged.tag()),
            (name.registry(), Some(name.tag_or_latest()))
        );
    }
    if let Ok(ImageArgument::Path(path)) = ImageReference::parse_or_path(text) {
        assert_eq!(path, text);
    }
});

fn again<T: FromStr + Display + PartialEq>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    let shown = value.to_string();
    assert!(shown.parse().is_ok_and(|read: T| read == value), "{text:?} is shown as {shown:?}");
    Some(value)
}
