//! Links as people get them: the address with its secret in the fragment, and the same as a QR code.

use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use keeper_api::Link;
use protocol::ErrorCode;
use protocol::account::{LinkKind, NewLink};

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
    let qr = QRBuilder::new(url.as_bytes()).build().map_err(|_| Refusal(ErrorCode::Internal))?;
    let qr_svg = SvgBuilder::default().to_str(&qr);
    Ok(NewLink {
        invite: link.invite,
        url,
        qr_svg,
        code: link.code.map(|code| code.reveal()),
        expires: link.expires,
    })
}
