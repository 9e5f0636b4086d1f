//! A tar archive as an input, compressed or not. Checksums of headers are mended as well, or hardly
//! any would be read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scant_fuzz::{archive_options, check_archive, mend};
use scant_io::inputs::ArchiveOptions;

fuzz_target!(|bytes: &[u8]| {
    check_archive(bytes, &archive_options());
    let mut mended = bytes.to_vec();
    mend(&mut mended);
    if mended != bytes {
        check_archive(&mended, &archive_options());
        check_archive(&mended, &ArchiveOptions { strip_components: 1, ..archive_options() });
    }
});
