//! Pictures, as the keeper of these tests has them.

use keeper_api::{PictureJpeg, Push, Reply, SessionToken, Whose};
use protocol::ErrorCode;
use protocol::account::Me;
use protocol::id::PictureId;

use super::{FakeKeeper, State};

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

impl State {
    pub(super) fn look_at(&mut self, picture: PictureId) -> Result<Reply, ErrorCode> {
        self.pictures_asked += 1;
        let found = self.members.iter().find_map(|member| {
            let (id, jpeg) = member.picture.as_ref()?;
            let whose = Whose::Member(member.person.id);
            (*id == picture).then(|| Reply::Picture { whose, jpeg: jpeg.clone() })
        });
        found.ok_or(ErrorCode::NotThere)
    }
}
