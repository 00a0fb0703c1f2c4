//! Films of codes: MJPEG (JPEG pictures one after the other), Y4M (uncompressed, its brightness
//! only), or a folder of pictures in the order of their names.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use image::GrayImage;

use crate::picture::{self, MAX_FILE, MAX_PIXELS};
use crate::{PictureError, read, read_picture};

/// The most frames of a film: five minutes at 30 a second.
const MAX_FRAMES: usize = 9000;
/// The longest line of a Y4M header.
const MAX_LINE: u64 = 1024;

/// Why a film was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilmError {
    /// The file could not be read.
    #[error("the film cannot be read")]
    Io(#[from] std::io::Error),
    /// Neither MJPEG nor Y4M.
    #[error("the film is neither MJPEG nor Y4M")]
    Unknown,
    /// It begins like a film and does not go on like one.
    #[error("the film is damaged")]
    Damaged,
    /// It has more or larger frames than are read.
    #[error("the film is too long or its pictures are too large")]
    TooLarge,
}

impl From<PictureError> for FilmError {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::TooLarge => FilmError::TooLarge,
            _ => FilmError::Damaged,
        }
    }
}

/// A film whose frames are read one at a time, so that nothing of it is kept.
pub struct Film {
    source: Source,
    seen: usize,
}

enum Source {
    Folder(std::vec::IntoIter<PathBuf>),
    Jpegs(BufReader<File>),
    Y4m {
        file: BufReader<File>,
        width: u32,
        height: u32,
        /// Bytes of colour after those of brightness.
        colour: u64,
    },
}

impl Film {
    /// Opens a film, or a folder of pictures.
    ///
    /// # Errors
    /// [`FilmError`] if there is no such file or its beginning is not that of a film.
    pub fn open(path: &Path) -> Result<Self, FilmError> {
        let source = if path.is_dir() {
            let mut files: Vec<PathBuf> = std::fs::read_dir(path)?
                .map(|entry| Ok(entry?.path()))
                .collect::<Result<_, std::io::Error>>()?;
            files.retain(|file| file.is_file());
            files.sort();
            Source::Folder(files.into_iter())
        } else {
            let mut file = BufReader::new(File::open(path)?);
            match file.fill_buf()? {
                [b'Y', b'U', b'V', b'4', ..] => y4m(file)?,
                [0xff, 0xd8, ..] => Source::Jpegs(file),
                _ => return Err(FilmError::Unknown),
            }
        };
        Ok(Film { source, seen: 0 })
    }

    /// The texts of the codes in the next frame, none if it shows none; `None` at the end.
    ///
    /// # Errors
    /// [`FilmError`]; after one the film is over.
    pub fn next_texts(&mut self) -> Result<Option<Vec<String>>, FilmError> {
        self.seen += 1;
        if self.seen > MAX_FRAMES {
            return Err(FilmError::TooLarge);
        }
        match &mut self.source {
            Source::Folder(files) => {
                let Some(file) = files.next() else {
                    return Ok(None);
                };
                if file.metadata()?.len() > MAX_FILE as u64 {
                    return Err(FilmError::TooLarge);
                }
                match read_picture(&std::fs::read(file)?) {
                    // A folder may hold other things beside.
                    Err(PictureError::Unknown) => Ok(Some(Vec::new())),
                    texts => Ok(Some(texts?)),
                }
            }
            Source::Jpegs(file) => match next_jpeg(file)? {
                Some(bytes) => Ok(Some(read(&picture::decode(&bytes)?))),
                None => Ok(None),
            },
            Source::Y4m {
                file,
                width,
                height,
                colour,
            } => {
                if line(file)?.is_empty() {
                    return Ok(None);
                }
                let mut grey = vec![0; *width as usize * *height as usize];
                file.read_exact(&mut grey)?;
                std::io::copy(&mut file.by_ref().take(*colour), &mut std::io::sink())?;
                let picture =
                    GrayImage::from_raw(*width, *height, grey).ok_or(FilmError::Damaged)?;
                Ok(Some(read(&picture)))
            }
        }
    }
}

/// Up to the mark that ends a picture. Within a JPEG's data each `ff` that is not a mark is
/// followed by a nought; the marks of a small picture in its header would be cut at, and the
/// frame refused.
fn next_jpeg(file: &mut BufReader<File>) -> Result<Option<Vec<u8>>, FilmError> {
    let mut bytes = Vec::new();
    loop {
        let room = (MAX_FILE - bytes.len()) as u64;
        let before = bytes.len();
        file.by_ref().take(room).read_until(0xff, &mut bytes)?;
        if bytes.len() == before {
            return match bytes.len() {
                0 => Ok(None),
                len if len >= MAX_FILE => Err(FilmError::TooLarge),
                _ => Err(FilmError::Damaged),
            };
        }
        if bytes.last() != Some(&0xff) {
            continue;
        }
        let mut next = [0];
        if file.read(&mut next)? == 0 {
            return Err(FilmError::Damaged);
        }
        bytes.extend_from_slice(&next);
        if next == [0xd9] {
            return Ok(Some(bytes));
        }
    }
}

fn y4m(mut file: BufReader<File>) -> Result<Source, FilmError> {
    let header = line(&mut file)?;
    let mut fields = header.split(' ');
    if fields.next() != Some("YUV4MPEG2") {
        return Err(FilmError::Unknown);
    }
    let (mut width, mut height, mut chroma) = (0_u32, 0_u32, "420jpeg");
    for field in fields {
        let mut letters = field.chars();
        match (letters.next(), letters.as_str()) {
            (Some('W'), number) => width = number.parse().map_err(|_| FilmError::Damaged)?,
            (Some('H'), number) => height = number.parse().map_err(|_| FilmError::Damaged)?,
            (Some('C'), name) => chroma = name,
            _ => {}
        }
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        return Err(FilmError::Damaged);
    }
    if pixels > MAX_PIXELS {
        return Err(FilmError::TooLarge);
    }
    let halves = |side: u32| u64::from(side).div_ceil(2);
    let colour = match chroma {
        "420" | "420jpeg" | "420paldv" | "420mpeg2" => 2 * halves(width) * halves(height),
        "422" => 2 * halves(width) * u64::from(height),
        "444" => 2 * pixels,
        "mono" => 0,
        _ => return Err(FilmError::Unknown),
    };
    Ok(Source::Y4m {
        file,
        width,
        height,
        colour,
    })
}

/// Empty at the end of the file.
fn line(file: &mut BufReader<File>) -> Result<String, FilmError> {
    let mut bytes = Vec::new();
    file.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes)?;
    if bytes.pop().is_some_and(|last| last != b'\n') {
        return Err(FilmError::Damaged);
    }
    String::from_utf8(bytes).map_err(|_| FilmError::Damaged)
}

#[cfg(test)]
mod tests;
