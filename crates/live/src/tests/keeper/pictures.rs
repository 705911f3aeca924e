//! Pictures, as the keeper of these tests has them.

use keeper_api::{PictureJpeg, Push, Reply, SessionToken};
use protocol::ErrorCode;
use protocol::account::Me;
use protocol::id::PictureId;

use super::FakeKeeper;

impl FakeKeeper {
    pub(super) fn picture(
        &self,
        token: &SessionToken,
        me: &Me,
        jpeg: Option<PictureJpeg>,
    ) -> Result<Reply, ErrorCode> {
        let mut state = self.state();
        let picture = jpeg.map(|jpeg| (PictureId(crate::clock::random()), jpeg));
        let id = picture.as_ref().map(|(id, _)| *id);
        state.by_handle(me.handle.as_str()).picture = picture;
        let me = state.session(token).ok_or(ErrorCode::SignedOut)?;
        drop(state);
        self.push(Push::PictureChanged { member: me.id, picture: id });
        self.push(Push::AccountChanged { member: me.id });
        Ok(Reply::Me(me))
    }

    /// How often it was asked for a picture.
    pub(in crate::tests) fn pictures_asked(&self) -> usize {
        self.state().pictures_asked
    }
}
