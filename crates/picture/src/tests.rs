use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

const RED: [u8; 3] = [220, 30, 30];
const GREEN: [u8; 3] = [30, 200, 30];
const BLUE: [u8; 3] = [30, 30, 220];
const GREY: [u8; 3] = [128, 128, 128];

/// A square of four colours: red and green above, blue and grey below.
fn quarters(side: u32) -> RgbImage {
    RgbImage::from_fn(side, side, |x, y| {
        Rgb(match (x < side / 2, y < side / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => GREY,
        })
    })
}

fn file(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

/// The colours of the four quarters of what is kept.
fn seen(jpeg: &[u8]) -> [[u8; 3]; 4] {
    let picture = image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).expect("a JPEG").into_rgb8();
    assert_eq!(picture.dimensions(), (SIDE, SIDE));
    let (near, far) = (SIDE / 4, SIDE * 3 / 4);
    [(near, near), (far, near), (near, far), (far, far)].map(|(x, y)| picture.get_pixel(x, y).0)
}

fn assert_shows(jpeg: &[u8], expected: [[u8; 3]; 4]) {
    let seen = seen(jpeg);
    let off = seen.iter().flatten().zip(expected.iter().flatten()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(off < Some(12), "{seen:?} is not {expected:?}");
}

/// A JPEG with one more segment behind its first two bytes.
fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, body, &jpeg[2..]].concat()
}

/// EXIF that says how a picture is held, and where it was taken.
fn exif(orientation: u8, place: &str) -> Vec<u8> {
    let text = u8::try_from(place.len()).expect("short");
    let mut bytes = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    bytes.extend([0x01, 0x0e, 0, 2, 0, 0, 0, text, 0, 0, 0, 38]);
    bytes.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    bytes.extend([0; 4]);
    bytes.extend(place.as_bytes());
    bytes
}

/// Markers of a JPEG's segments, up to the first scan.
fn segments(jpeg: &[u8]) -> Vec<u8> {
    let (mut at, mut found) = (2, Vec::new());
    while let [0xff, marker, high, low, ..] = jpeg[at..] {
        found.push(marker);
        if marker == 0xda {
            break;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    found
}

fn holds(bytes: &[u8], marker: &str) -> bool {
    bytes.windows(marker.len()).any(|window| window == marker.as_bytes())
}

/// CRC-32 of a PNG's chunks.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), body].concat();
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [length.as_slice(), &named, &crc(&named).to_be_bytes()].concat()
}

#[test]
fn what_people_have_is_taken_in_whichever_of_two_ways_it_is_written() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        for side in [2, 60, 384, 1_000] {
            let kept = square(&file(quarters(side), format)).expect("taken");
            if side > 16 {
                assert_shows(&kept, [RED, GREEN, BLUE, GREY]);
            }
        }
    }
}

#[test]
fn of_a_long_picture_the_middle_is_kept() {
    for (width, height) in [(900, 300), (300, 900)] {
        let mut long = RgbImage::from_pixel(width, height, Rgb([0, 0, 0]));
        imageops::replace(&mut long, &quarters(300), i64::from(width - 300) / 2, i64::from(height - 300) / 2);
        assert_shows(&square(&file(long, ImageFormat::Png)).expect("taken"), [RED, GREEN, BLUE, GREY]);
    }
}

#[test]
fn a_phone_that_was_held_on_its_side_gives_an_upright_picture() {
    let upright = file(quarters(400), ImageFormat::Jpeg);
    for (orientation, expected) in [
        (1, [RED, GREEN, BLUE, GREY]),
        (2, [GREEN, RED, GREY, BLUE]),
        (3, [GREY, BLUE, GREEN, RED]),
        (6, [BLUE, RED, GREY, GREEN]),
        (8, [GREEN, GREY, RED, BLUE]),
        // Nonsense says nothing.
        (99, [RED, GREEN, BLUE, GREY]),
    ] {
        let held = with_segment(&upright, 0xe1, &exif(orientation, "somewhere"));
        assert_shows(&square(&held).expect("taken"), expected);
    }
}

#[test]
fn nothing_but_pixels_is_left_of_a_picture() {
    const MARK: &str = "48.2082N-16.3738E";
    let plain = file(quarters(200), ImageFormat::Jpeg);
    let mut jpeg = with_segment(&plain, 0xe1, &exif(1, MARK));
    jpeg = with_segment(&jpeg, 0xe1, format!("http://ns.adobe.com/xap/1.0/\0<x>{MARK}</x>").as_bytes());
    jpeg = with_segment(&jpeg, 0xed, MARK.as_bytes());
    jpeg = with_segment(&jpeg, 0xfe, MARK.as_bytes());
    jpeg.extend(MARK.as_bytes());

    let plain = file(quarters(200), ImageFormat::Png);
    let text = chunk(b"tEXt", format!("Comment\0{MARK}").as_bytes());
    // Behind the header: 8 bytes of signature, 25 of the first chunk.
    let png = [&plain[..33], &text, &plain[33..], MARK.as_bytes()].concat();

    for given in [jpeg, png] {
        assert!(holds(&given, MARK), "it is in the file that is given");
        let kept = square(&given).expect("taken");
        assert!(!holds(&kept, MARK));
        assert_shows(&kept, [RED, GREEN, BLUE, GREY]);
        // The form of the file, tables, size and scan; no EXIF, profile or comment.
        assert_eq!(kept.windows(2).last(), Some([0xff, 0xd9].as_slice()), "and nothing behind its end");
        let known = [0xe0, 0xdb, 0xc0, 0xc4, 0xda];
        assert!(segments(&kept).iter().all(|marker| known.contains(marker)), "{:x?}", segments(&kept));
    }
}

#[test]
fn a_picture_that_says_it_is_enormous_is_refused_before_it_is_decoded() {
    let begun = std::time::Instant::now();
    // A PNG of a few bytes whose header names four billion pixels.
    let png = file(quarters(2), ImageFormat::Png);
    let header = [&60_000u32.to_be_bytes(), &60_000u32.to_be_bytes(), &png[24..29]].concat();
    let png = [&png[..8], &chunk(b"IHDR", &header), &png[33..]].concat();
    // The same of a JPEG: its size stands in the segment that begins the frame.
    let mut jpeg = file(quarters(16), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|window| window == [0xff, 0xc0]).expect("a frame");
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x3f; 4]);
    for (format, bomb) in [("png", png), ("jpeg", jpeg)] {
        assert_eq!(square(&bomb), Err(PictureError::TooLarge), "{format}");
    }
    assert!(begun.elapsed().as_secs() < 2, "nothing of it was unpacked");
    // One pixel more than there may be, and a file that is heavy with something else.
    let side = 2_000;
    assert!(square(&file(RgbImage::new(side, side), ImageFormat::Png)).is_ok());
    assert_eq!(square(&file(RgbImage::new(side, side + 1), ImageFormat::Png)), Err(PictureError::TooLarge));
    let mut heavy = file(quarters(20), ImageFormat::Png);
    heavy.resize(GIVEN_BYTES_MAX + 1, 0);
    assert_eq!(square(&heavy), Err(PictureError::TooLarge));
}

#[test]
fn what_is_no_picture_is_told_from_one_that_is_broken() {
    for other in
        [b"".as_slice(), b"hello", b"GIF89a\x01\0\x01\0\0\0\0;", b"<svg xmlns='x'/>", b"%PDF-1.7", b"BM"]
    {
        assert_eq!(square(other), Err(PictureError::NotAPicture), "{other:?}");
    }
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let whole = file(quarters(300), format);
        for length in (16..60).chain([whole.len() / 2]) {
            let cut = square(&whole[..length]);
            // Of a JPEG, browsers show what came, too.
            assert!(
                cut == Err(PictureError::CannotBeRead) || format == ImageFormat::Jpeg && length > 600,
                "{format:?} {length}: {cut:?}"
            );
        }
    }
}

#[test]
fn a_webp_is_refused_unread_whatever_it_claims() {
    // A canvas of one pixel, a frame of another size, and metadata of four billion bytes.
    let mut webp = b"RIFF\x60\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
    webp.extend(b"VP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a\xff\x3f\xff\x3f");
    webp.extend(b"EXIF\xf0\xff\xff\xff");
    assert_eq!(square(&webp), Err(PictureError::NotAPicture));
    for kept in ["lossless.webp", "lossy-and-clear.webp"] {
        let path = format!("{}/../../fuzz/corpus/picture/{kept}", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(square(&std::fs::read(path).expect("in the corpus")), Err(PictureError::NotAPicture));
    }
}

#[test]
fn what_shines_through_is_white() {
    let clear = RgbaImage::from_fn(100, 100, |x, _| Rgba(if x < 50 { [0, 0, 0, 0] } else { [0, 0, 0, 255] }));
    let kept = square(&file(clear, ImageFormat::Png)).expect("taken");
    assert_shows(&kept, [[255; 3], [0; 3], [255; 3], [0; 3]]);
}

#[test]
fn however_restless_a_picture_is_it_is_kept_small() {
    let mut seed = 1u32;
    let mut noise = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    let restless = RgbImage::from_fn(SIDE, SIDE, |_, _| Rgb([noise(), noise(), noise()]));
    let kept = square(&file(restless, ImageFormat::Png)).expect("taken");
    assert!(kept.len() <= KEPT_BYTES_MAX, "{}", kept.len());
    println!("measured: noise is kept in {} bytes", kept.len());
}
