//! What no builder can do without: reading the tree, hashing its archive, compressing it. Each is
//! this program itself, started as `floor`, so that it is measured as the others are.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc;
use std::thread;

use scant_core::words::Hasher;
use scant_io::layer::{Compression, CompressionError};

use super::pieces::pieces;
use super::{Tool, text};
use crate::case::{Case, Method, Subject};
use crate::measure::Step;
use crate::trees::Made;

/// A floor on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Floor {
    /// Lists all directories and reads all files.
    Read,
    /// The same, and hashes what the archive holds, on one processor.
    Hash,
    /// The same, and compresses it with gzip on all processors.
    Gzip,
    /// The same with zstd.
    Zstd,
}

/// Compresses a piece into the buffer, whose content it replaces. Each thread has its own.
type Compressor = Box<dyn FnMut(&[u8], &mut Vec<u8>) -> Result<(), String>>;

/// The compressor of scant alone, with the level that it has unless another is asked for.
///
/// # Errors
/// When it cannot be called from here: then there is no such floor.
fn compress_alone(method: Method) -> Result<Compressor, String> {
    let compression: Compression =
        method.to_string().parse().map_err(|error: CompressionError| error.to_string())?;
    let mut compressor = compression.compressor()?;
    Ok(Box::new(move |piece, output| compressor.piece(piece, output)))
}

pub(crate) struct Floors {
    program: PathBuf,
}

impl Floors {
    pub(crate) fn new() -> Result<Self, String> {
        let program = std::env::current_exe()
            .map_err(|error| format!("this program is not found: {error}"))?;
        Ok(Self { program })
    }

    /// Which floors cannot be measured, and why.
    pub(crate) fn missing(&self) -> Vec<String> {
        [Method::Gzip, Method::Zstd].into_iter().filter_map(|m| compress_alone(m).err()).collect()
    }
}

impl Tool for Floors {
    fn version(&self) -> String {
        format!("scant-benchmark {}", env!("CARGO_PKG_VERSION"))
    }

    fn cases(&self, tree: &Made, _place: &Path) -> io::Result<Vec<Case>> {
        let tree = text(&tree.directory);
        let case = |name: &str, subject, method| {
            Case::new(subject, method, vec![Step::new(&self.program, ["floor", name, &tree])])
        };
        let mut cases = vec![
            case("read", Subject::ReadFloor, Method::None),
            case("hash", Subject::HashFloor, Method::None),
        ];
        for (name, method) in [("gzip", Method::Gzip), ("zstd", Method::Zstd)] {
            if compress_alone(method).is_ok() {
                cases.push(case(name, Subject::CompressFloor, method));
            }
        }
        Ok(cases)
    }
}

/// What the process of a floor does. Returns how many bytes came out.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn run_floor(floor: Floor, tree: &Path) -> Result<u64, String> {
    match floor {
        Floor::Read => {
            let mut size = 0;
            pieces(tree, Vec::new(), &mut |piece| {
                size += piece.len() as u64;
                Ok(piece)
            })?;
            Ok(size)
        }
        Floor::Hash => {
            let (mut size, mut hasher) = (0, Hasher::default());
            pieces(tree, Vec::new(), &mut |piece| {
                size += piece.len() as u64;
                hasher.update(&piece);
                Ok(piece)
            })?;
            std::hint::black_box(hasher.finish());
            Ok(size)
        }
        Floor::Gzip => compress(tree, &|| compress_alone(Method::Gzip)),
        Floor::Zstd => compress(tree, &|| compress_alone(Method::Zstd)),
    }
}

/// Compresses the pieces on all processors. Returns the size of what comes out.
fn compress(
    tree: &Path,
    compressor: &(dyn Fn() -> Result<Compressor, String> + Sync),
) -> Result<u64, String> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (free, spare) = mpsc::channel();
    for _ in 0..2 * threads {
        let _ = free.send(Vec::new());
    }
    let (to_workers, filled) = mpsc::channel::<Vec<u8>>();
    let filled = Mutex::new(filled);
    let work = |free: mpsc::Sender<Vec<u8>>| -> Result<u64, String> {
        let (mut size, mut output, mut compressor) = (0, Vec::new(), compressor()?);
        loop {
            let Ok(Ok(piece)) = filled.lock().map(|filled| filled.recv()) else { return Ok(size) };
            compressor(&piece, &mut output)?;
            size += output.len() as u64;
            let _ = free.send(piece);
        }
    };
    thread::scope(|scope| {
        let spawn = |_| {
            let (free, work) = (free.clone(), &work);
            scope.spawn(move || work(free))
        };
        let workers: Vec<_> = (0..threads).map(spawn).collect();
        drop(free);
        let stopped = || "all threads have stopped".to_string();
        let read = spare.recv().map_err(|_| stopped()).and_then(|first| {
            pieces(tree, first, &mut |piece| {
                to_workers.send(piece).map_err(|_| stopped())?;
                spare.recv().map_err(|_| stopped())
            })
        });
        drop(to_workers);
        let join = |worker: thread::ScopedJoinHandle<'_, _>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        let sizes: Result<Vec<u64>, String> = workers.into_iter().map(join).collect();
        // A compressor that fails is why the reader stops, not the other way round.
        let sizes = sizes?;
        read.map(|()| sizes.iter().sum())
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::pieces::PIECE;
    use super::*;

    #[test]
    fn the_pieces_are_as_long_as_an_archive() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("a")).unwrap();
        fs::write(directory.path().join("a/one"), "1").unwrap();
        fs::write(directory.path().join("large"), vec![0; 2 * PIECE + 1]).unwrap();
        let expected = 512 + (512 + 512) + (512 + 2 * PIECE as u64 + 512);
        for floor in [Floor::Read, Floor::Hash] {
            assert_eq!(run_floor(floor, directory.path()), Ok(expected), "{floor:?}");
        }
        let copy = |piece: &[u8], output: &mut Vec<u8>| {
            piece.clone_into(output);
            Ok(())
        };
        assert_eq!(compress(directory.path(), &|| Ok(Box::new(copy))), Ok(expected));
        let broken = |_: &[u8], _: &mut Vec<u8>| Err("broken".to_string());
        let found = compress(directory.path(), &|| Ok(Box::new(broken)));
        assert_eq!(found, Err("broken".into()));
    }
}
