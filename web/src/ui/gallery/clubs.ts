// The clubs of the gallery.

import type { Club } from "../../protocol/Club";
import type { ClubId } from "../../protocol/ClubId";
import type { ClubList } from "../../protocol/ClubList";
import type { ClubPage } from "../../protocol/ClubPage";
import type { ClubPerson } from "../../protocol/ClubPerson";
import { FACE, PROFILES, profile } from "./people";
import { DAY } from "./time";

const club = (id: string, name: string, more: Partial<Club> = {}): Club => ({
  id: id as ClubId,
  name,
  picture: null,
  door: "open",
  members: 12,
  standing: "stranger",
  starts_rooms: false,
  waiting: 0,
  offered: false,
  ...more,
});

export const CLUBS: Club[] = [
  club("c3", "Клуб ранних птиц", { standing: "invited", door: "invitation", members: 4 }),
  club("c1", "Early birds of the northern harbour and its ferries", { standing: "owner", door: "request", members: 1284, starts_rooms: true, waiting: 2, picture: FACE }),
  club("c2", "نادي القراءة", { standing: "member", starts_rooms: true, offered: true }),
  club("c5", "Second violins", { standing: "asking", door: "request" }),
  club("c6", "Bread", { standing: "follower", members: 61 }),
  club("c4", "Neighbours", { door: "request", members: 7 }),
  club("c7", "Chess by ear", { members: 1 }),
];

export function clubPage(id: ClubId): ClubPage {
  const shown = CLUBS.find((one) => one.id === id) ?? club(id, "Neighbours");
  return {
    club: shown,
    charter: {
      name: shown.name,
      about: "We meet before the city wakes, and say what we heard on the way.",
      door: shown.door,
      rules: ["One speaks at a time, and nobody for longer than the kettle takes", "What is said here stays here"],
      starters: "members",
      following: "anybody",
    },
    owner: shown.standing === "owner" ? profile("Ann") : profile("Marta"),
    followers: 61,
    offered_to: shown.standing === "owner" ? "marta" : null,
  };
}

export function clubPeople(id: ClubId, which: ClubList): ClubPerson[] {
  const known = (standing: ClubPerson["standing"], until_day: number | null = null) => (one: (typeof PROFILES)[number]): ClubPerson => ({ profile: one, standing, until_day });
  const owner = known("owner")(CLUBS.find((one) => one.id === id)?.standing === "owner" ? profile("Ann") : profile("Marta"));
  switch (which) {
    case "members":
      return [owner, known("admin")(profile("Maximiliane von Hohenfels-Castellane")), ...[profile("Teun"), profile("ليلى")].map(known("member"))];
    case "admins":
      return [owner];
    case "waiting":
      return [...[profile("Ильдар"), profile("Jo")].map(known("asking")), known("invited")(profile("Nadia"))];
    case "banned":
      return [known("stranger", DAY + 5)(profile("Oskar")), known("stranger")(profile("Maximiliane von Hohenfels-Castellane"))];
  }
}
