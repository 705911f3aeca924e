//! Opus packets as containers (RFC 6716 section 3.2): their frames, and one packet made of two.

/// Bytes of one frame (requirement 2).
const FRAME_BYTES_MAX: usize = 1_275;

/// Frames of one packet: 48 of 2.5 ms (requirement 5).
const FRAMES_MAX: usize = 48;

/// 48 kHz ticks of one packet: 120 ms (requirement 5).
const TICKS_MAX: usize = 5_760;

/// Frames of at least so many bytes have a length of two bytes (section 3.2.1).
const LONG: usize = 252;

/// The frames of one packet. All have the configuration of its first byte.
#[derive(Debug, Clone, Copy)]
pub struct Frames<'a> {
    /// Configuration and number of channels: the table of contents without its code.
    toc: u8,
    frames: [&'a [u8]; FRAMES_MAX],
    count: usize,
}

impl<'a> Frames<'a> {
    /// `None` when the bytes are no well-formed packet. Padding is left out.
    pub fn parse(packet: &'a [u8]) -> Option<Self> {
        let (&toc, rest) = packet.split_first()?;
        let mut all = Self { toc: toc & !CODE, frames: [&[]; FRAMES_MAX], count: 0 };
        match toc & CODE {
            0 => all.push(rest)?,
            1 => all.push_equal(2, rest)?,
            2 => {
                let (length, rest) = read_length(rest)?;
                let (first, second) = rest.split_at_checked(length)?;
                all.push(first)?;
                all.push(second)?;
            }
            _ => all.push_coded(rest)?,
        }
        (all.count > 0 && all.ticks() <= TICKS_MAX).then_some(all)
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        self.frames.iter().take(self.count).copied()
    }

    /// 48 kHz ticks of all frames together.
    fn ticks(&self) -> usize {
        frame_ticks(self.toc) * self.count
    }

    /// Code 3: a count, with variable or constant lengths, with or without padding (section 3.2.5).
    fn push_coded(&mut self, bytes: &'a [u8]) -> Option<()> {
        let (&head, mut rest) = bytes.split_first()?;
        if head & PADDED != 0 {
            let mut padding = 0;
            loop {
                let (&more, after) = rest.split_first()?;
                rest = after;
                padding += usize::from(more.min(254));
                if more != 255 {
                    break;
                }
            }
            rest = rest.get(..rest.len().checked_sub(padding)?)?;
        }
        let count = usize::from(head & COUNT);
        if head & VARIABLE == 0 {
            return self.push_equal(count, rest);
        }
        let mut lengths = [0; FRAMES_MAX];
        let (_, known) = lengths.get_mut(..count)?.split_last_mut()?;
        for length in &mut *known {
            (*length, rest) = read_length(rest)?;
        }
        for length in known {
            let (frame, after) = rest.split_at_checked(*length)?;
            self.push(frame)?;
            rest = after;
        }
        self.push(rest)
    }

    fn push_equal(&mut self, count: usize, bytes: &'a [u8]) -> Option<()> {
        if count == 0 || !bytes.len().is_multiple_of(count) {
            return None;
        }
        let length = bytes.len() / count;
        let (mut rest, mut left) = (bytes, count);
        while left > 0 {
            let (frame, after) = rest.split_at_checked(length)?;
            self.push(frame)?;
            (rest, left) = (after, left - 1);
        }
        Some(())
    }

    fn push(&mut self, frame: &'a [u8]) -> Option<()> {
        if frame.len() > FRAME_BYTES_MAX {
            return None;
        }
        *self.frames.get_mut(self.count)? = frame;
        self.count += 1;
        Some(())
    }

    /// Two frames with code 1 or 2, more with code 3; equally long ones without their lengths.
    fn write(&self, out: &mut [u8]) -> Option<usize> {
        let mut writer = Writer { out, at: 0 };
        let (last, known) = self.frames.get(..self.count)?.split_last()?;
        let equal = known.iter().all(|frame| frame.len() == last.len());
        match (known.len(), equal) {
            (0, _) => writer.put(&[self.toc])?,
            (1, true) => writer.put(&[self.toc | 1])?,
            (1, false) => writer.put(&[self.toc | 2])?,
            _ => {
                let count = u8::try_from(self.count).ok()?;
                writer.put(&[self.toc | 3, count | if equal { 0 } else { VARIABLE }])?;
            }
        }
        if !equal {
            known.iter().try_for_each(|frame| writer.put_length(frame.len()))?;
        }
        self.iter().try_for_each(|frame| writer.put(frame))?;
        Some(writer.at)
    }
}

/// Writes one packet with the frames of both; returns its length. `None` when they cannot share one (another
/// configuration, more than 120 ms), when one of them is broken, or when there is no room.
pub fn join(first: &[u8], next: &[u8], out: &mut [u8]) -> Option<usize> {
    let (mut all, next) = (Frames::parse(first)?, Frames::parse(next)?);
    if all.toc != next.toc || all.ticks() + next.ticks() > TICKS_MAX {
        return None;
    }
    next.iter().try_for_each(|frame| all.push(frame))?;
    all.write(out)
}

/// 48 kHz ticks that a packet lasts; `None` when it is broken.
pub fn ticks(packet: &[u8]) -> Option<u32> {
    u32::try_from(Frames::parse(packet)?.ticks()).ok()
}

/// The two bits of the first byte that say how many frames there are (section 3.1).
const CODE: u8 = 0b11;

/// The second byte of code 3 (figure 5).
const VARIABLE: u8 = 0x80;
const PADDED: u8 = 0x40;
const COUNT: u8 = 0x3f;

/// 48 kHz ticks of one frame (table 2).
fn frame_ticks(toc: u8) -> usize {
    let config = usize::from(toc >> 3);
    let tenths_of_ms = match config {
        0..12 => [100, 200, 400, 600][config % 4],
        12..16 => [100, 200][config % 2],
        _ => [25, 50, 100, 200][config % 4],
    };
    tenths_of_ms * 48 / 10
}

/// Section 3.2.1. Length 0 is a frame that was not sent.
fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let first = usize::from(first);
    if first < LONG {
        return Some((first, rest));
    }
    let (&second, rest) = rest.split_first()?;
    Some((4 * usize::from(second) + first, rest))
}

struct Writer<'a> {
    out: &'a mut [u8],
    at: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.at + bytes.len();
        self.out.get_mut(self.at..end)?.copy_from_slice(bytes);
        self.at = end;
        Some(())
    }

    fn put_length(&mut self, length: usize) -> Option<()> {
        if length < LONG {
            return self.put(&[u8::try_from(length).ok()?]);
        }
        let first = LONG + length % 4;
        self.put(&[u8::try_from(first).ok()?, u8::try_from((length - first) / 4).ok()?])
    }
}
