//! Small texts: lists of packages, first lines of scripts, capabilities.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use scant_core::formats::package_lists::{self, Owners};
use scant_core::formats::{capabilities, shebang};
use scant_core::words::TreePath;

fuzz_target!(|bytes: &[u8]| {
    let paths = ["/usr/bin/a", "/lib/b", "/c"].map(TreePath::literal);
    let package: Arc<str> = "p".into();
    let readers: [&dyn Fn(&mut Owners); 3] = [
        &|owners| package_lists::dpkg(bytes, &package, owners),
        &|owners| package_lists::apk(bytes, owners),
        &|owners| package_lists::buildroot(bytes, owners),
    ];
    for read in readers {
        let mut owners = Owners::of(paths.iter());
        read(&mut owners);
        for owner in paths.iter().filter_map(|path| owners.get(path)) {
            // A byte that is no UTF-8 is shown as one character of three.
            assert!(owner.len() <= 3 * bytes.len() + 1);
        }
    }
    if let Some(script) = shebang::parse(bytes) {
        let parts = [Some(&*script.interpreter), script.argument.as_deref(), script.env_program()];
        for part in parts.into_iter().flatten() {
            assert!(!part.is_empty() && part.len() < bytes.len());
            assert!(!part.contains(&b'\n') && !part.contains(&0));
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(value) = capabilities::encode(text.split('\n'))
    {
        assert_eq!(value.len(), 20);
    }
});
