//! A picture of somebody, made anew from whatever they gave: its pixels and nothing else.
//!
//! JPEG or PNG in, a square JPEG out. What is written is made from pixels alone, so that no byte of the file that came
//! (where it was taken, with which camera, what an editor remembers) can be in it. How large a picture says it is, is read
//! before anything of it is decoded.
//!
//! WebP is another file: its decoder takes four billion bytes for a piece of metadata that claims as many, and decodes a frame
//! of another size than the picture has, before any bound is asked. A page has it decoded by the browser, and sends a JPEG.

pub mod limits;

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

use limits::{DECODER_BYTES_MAX, GIVEN_BYTES_MAX, KEPT_BYTES_MAX, PIXELS_MAX, QUALITIES, SIDE};

/// Why a picture was not taken, by what its owner can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Neither JPEG nor PNG: another file is to be chosen.
    #[error("not a picture")]
    NotAPicture,
    /// More bytes or pixels than are looked at: a smaller one is to be made of it.
    #[error("too large a picture")]
    TooLarge,
    /// It begins like a picture, and is broken or cut off.
    #[error("a picture that cannot be read")]
    CannotBeRead,
}

/// The middle of a picture, upright, as a JPEG of [`SIDE`] pixels on each side without any metadata.
///
/// # Errors
/// See [`PictureError`].
pub fn square(bytes: &[u8]) -> Result<Vec<u8>, PictureError> {
    if bytes.len() > GIVEN_BYTES_MAX {
        return Err(PictureError::TooLarge);
    }
    let format = image::guess_format(bytes).map_err(|_| PictureError::NotAPicture)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png) {
        return Err(PictureError::NotAPicture);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(DECODER_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(why)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(PictureError::TooLarge);
    }
    if width == 0 || height == 0 {
        return Err(PictureError::CannotBeRead);
    }
    // A picture whose orientation cannot be read is one that says nothing of it.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder).map_err(why)?;
    let side = width.min(height);
    let middle = whole.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    drop(whole);
    let mut small =
        DynamicImage::ImageRgb8(imageops::resize(&on_white(middle), SIDE, SIDE, FilterType::CatmullRom));
    // The middle of a picture that is turned is the middle, turned.
    small.apply_orientation(orientation);
    written(&small.into_rgb8())
}

/// What shines through has to have a colour; a page puts the same one behind it.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut opaque = RgbImage::new(picture.width(), picture.height());
    for (from, to) in picture.pixels().zip(opaque.pixels_mut()) {
        let [red, green, blue, alpha] = from.0.map(u16::from);
        to.0 = [red, green, blue]
            .map(|colour| u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX));
    }
    opaque
}

fn written(picture: &RgbImage) -> Result<Vec<u8>, PictureError> {
    for quality in QUALITIES {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, quality)
            .encode(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
            .map_err(why)?;
        if bytes.len() <= KEPT_BYTES_MAX {
            return Ok(bytes);
        }
    }
    Err(PictureError::TooLarge)
}

fn why(error: image::ImageError) -> PictureError {
    match error {
        image::ImageError::Limits(_) => PictureError::TooLarge,
        _ => PictureError::CannotBeRead,
    }
}

#[cfg(test)]
mod tests;
