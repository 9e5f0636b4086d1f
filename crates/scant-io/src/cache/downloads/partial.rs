//! What is there of a file that is being loaded. Its directory is locked by the process that loads
//! it; others wait.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use scant_core::words::Hasher;

use super::store::BUFFER;
use super::validator::Validator;

/// A file that is not complete.
pub(super) struct Partial {
    directory: PathBuf,
    _lock: File,
    content: File,
    /// Of all bytes that are there.
    hasher: Hasher,
    size: u64,
    validator: Option<Validator>,
}

impl Partial {
    /// The one in `directory`, once nobody else has it. With `resumes`, what another process has
    /// left counts.
    pub(super) fn lock(directory: &Path, resumes: bool) -> io::Result<Self> {
        let lock = lock(directory)?;
        let mut content = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(directory.join(CONTENT))?;
        let mut partial = Self {
            directory: directory.to_path_buf(),
            _lock: lock,
            hasher: Hasher::default(),
            size: 0,
            validator: None,
            content: content.try_clone()?,
        };
        let about = fs::read_to_string(directory.join(VALIDATOR)).ok();
        match about.as_deref().and_then(Validator::parse).filter(|_| resumes) {
            Some(validator) => {
                partial.validator = Some(validator);
                let mut buffer = vec![0; BUFFER];
                loop {
                    match content.read(&mut buffer)? {
                        0 => break,
                        count => {
                            partial.hasher.update(&buffer[..count]);
                            partial.size += count as u64;
                        }
                    }
                }
            }
            None => partial.restart(None)?,
        }
        Ok(partial)
    }

    /// How many bytes are there.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// What tells whether the rest belongs to them.
    pub(super) fn validator(&self) -> Option<&Validator> {
        self.validator.as_ref().filter(|_| self.size > 0)
    }

    /// Nothing is there any more; what comes belongs to `validator`.
    pub(super) fn restart(&mut self, validator: Option<Validator>) -> io::Result<()> {
        // In this order: no byte is ever there beside a validator that it does not belong to.
        let path = self.directory.join(VALIDATOR);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.content.set_len(0)?;
        io::Seek::seek(&mut self.content, io::SeekFrom::Start(0))?;
        (self.size, self.hasher) = (0, Hasher::default());
        if let Some(validator) = &validator {
            let unfinished = self.directory.join("unfinished");
            fs::write(&unfinished, validator.as_str())?;
            fs::rename(unfinished, path)?;
        }
        self.validator = validator;
        Ok(())
    }

    /// The next bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.content.write_all(bytes)?;
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// The digest of what is there.
    pub(super) fn hasher(&self) -> Hasher {
        self.hasher.clone()
    }

    /// The file.
    pub(super) fn path(&self) -> PathBuf {
        self.directory.join(CONTENT)
    }

    /// Removes it: it is kept elsewhere, or not wanted.
    pub(super) fn remove(self) {
        // One that stays is found by those who prune.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

const CONTENT: &str = "content";
const VALIDATOR: &str = "validator";

/// Makes and locks a directory. The owner of the lock may have removed it meanwhile: then there is
/// another.
fn lock(directory: &Path) -> io::Result<File> {
    loop {
        crate::cache::make_private(directory)?;
        let lock = match File::open(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        lock.lock()?;
        if is_at(&lock, directory) {
            return Ok(lock);
        }
    }
}

/// Whether this open directory is the one at `path`.
pub(super) fn is_at(directory: &File, path: &Path) -> bool {
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    directory.metadata().map(identity).ok() == fs::symlink_metadata(path).map(identity).ok()
}
