//! Links as people get them: the address with its secret in the fragment, and the same as a QR code.

use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use keeper_api::Link;
use protocol::account::{LinkKind, NewLink};
use protocol::id::{GuestSecret, RoomId};
use protocol::{ErrorCode, Timestamp};

use super::error::Refusal;
use super::site::Site;

/// The fragment never reaches a server, a log or a preview.
pub(crate) fn new_link(site: &Site, kind: LinkKind, link: Link) -> Result<NewLink, Refusal> {
    let path = match kind {
        LinkKind::Owner => "o",
        LinkKind::Invite => "i",
        LinkKind::SignIn => "l",
    };
    let url = format!("{}/{path}#{}", site.public_url(), link.secret.reveal());
    let qr_svg = drawn(&url)?;
    let code = link.code.map(|code| code.reveal());
    Ok(NewLink { invite: link.invite, url, qr_svg, code, expires: link.expires })
}

/// A guest's: the keeper knows of none, so the fragment says first in which room it is.
pub(crate) fn guest_link(
    site: &Site,
    room: RoomId,
    link: GuestSecret,
    expires: Timestamp,
) -> Result<NewLink, Refusal> {
    let url = format!("{}/g#{room}{link}", site.public_url());
    let qr_svg = drawn(&url)?;
    Ok(NewLink { invite: None, url, qr_svg, code: None, expires })
}

fn drawn(url: &str) -> Result<String, Refusal> {
    let qr = QRBuilder::new(url.as_bytes()).build().map_err(|_| Refusal(ErrorCode::Internal))?;
    Ok(SvgBuilder::default().to_str(&qr))
}

#[cfg(test)]
mod tests {
    use cluster::parent::HttpSide;
    use keeper_api::LinkSecret;

    use super::*;

    #[test]
    fn the_code_of_a_link_says_to_a_camera_what_the_link_says() {
        let site = Site::new("https://rooms.example.org", HttpSide::Tls);
        for kind in [LinkKind::Owner, LinkKind::Invite, LinkKind::SignIn] {
            let secret = LinkSecret::from_random([0xa7; 16]);
            let link = Link { invite: None, secret, code: None, expires: Timestamp(0) };
            let new = new_link(&site, kind, link).expect("a link");
            assert_eq!(read_by_camera(&new.qr_svg), [new.url.as_str()], "{}", new.qr_svg);
        }
        let (room, link) = (RoomId([0x3c; 16]), GuestSecret([0xa7; 16]));
        let new = guest_link(&site, room, link, Timestamp(0)).expect("a link");
        assert_eq!(read_by_camera(&new.qr_svg), [new.url.as_str()], "{}", new.qr_svg);
    }

    /// What the codes in a document say: it draws each dark module as a square, `Mx,yh1v1h-1`.
    fn read_by_camera(svg: &str) -> Vec<String> {
        /// Pixels to the side of a module.
        const SIDE: usize = 4;
        let between = |from: &str| svg.split_once(from)?.1.split_once('"').map(|(inside, _)| inside);
        let side: usize =
            between("viewBox=\"0 0 ").and_then(|size| size.split_once(' ')?.0.parse().ok()).expect("a size");
        let dark: std::collections::BTreeSet<(usize, usize)> = between("<path d=\"")
            .expect("a path")
            .split_terminator("h1v1h-1")
            .map(|square| {
                let (x, y) = square.strip_prefix('M').and_then(|at| at.split_once(',')).expect("a square");
                (x.parse().expect("a column"), y.parse().expect("a row"))
            })
            .collect();
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side * SIDE, side * SIDE, |x, y| {
            if dark.contains(&(x / SIDE, y / SIDE)) { 0 } else { u8::MAX }
        });
        picture.detect_grids().iter().map(|code| code.decode().expect("a whole code").1).collect()
    }
}
