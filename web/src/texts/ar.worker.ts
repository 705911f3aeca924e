// What is said where no page is open: Arabic of the service worker.

import type { WorkerTexts } from "./en.worker";
import { name } from "./format";

/** Isolated, or the sign would stand on the wrong side of it. */
const at = (handle: string): string => name(`@${handle}`);

export const worker: WorkerTexts = {
  locale: "ar",
  dir: "rtl",
  said: {
    bell: (from) => ({ title: from === null ? "فُتحت غرفة" : `غرفة جديدة لدى ${at(from)}`, body: "أهلًا بك للاستماع." }),
    ask: (from) => ({ title: from === null ? "دعوة لك إلى غرفة" : `دعوة من ${at(from)} إلى غرفة`, body: "تجدها في ردهتك." }),
    event_soon: (from) => ({ title: from === null ? "لقاء على وشك البدء" : `لقاء ${at(from)} على وشك البدء`, body: "بعد ربع ساعة." }),
    event_named: (from) => ({ title: from === null ? "دعوة إليك للمشاركة في لقاء" : `دعوة من ${at(from)} للمشاركة في لقاء`, body: "نظرة إلى موعده تكفي للرد." }),
    event_changed: (from) => ({ title: from === null ? "تغيّر لقاء" : `تغيّر لقاء ${at(from)}`, body: "موعده، أو من سيكون فيه." }),
    event_off: (from) => ({ title: from === null ? "أُلغي لقاء" : `أُلغي لقاء ${at(from)}`, body: "تجده في قائمة لقاءاتك." }),
    trial: () => ({ title: "هكذا تصلك الإشعارات", body: "ظهر هذا بطلب منك." }),
  },
  something: { title: "هناك جديد", body: "نظرة إلى الردهة تكفي." },
  turnOff: {
    bell: "ليس عن هذا الشخص",
    ask: "إيقاف هذه الإشعارات",
    event_soon: "إيقاف هذه الإشعارات",
    event_named: "إيقاف هذه الإشعارات",
    event_changed: "إيقاف هذه الإشعارات",
    event_off: "إيقاف هذه الإشعارات",
    trial: "",
  },
  isOff: {
    bell: (from) => `لن يصلك إشعار بعد الآن عند فتح ${at(from)} غرفةً.`,
    ask: () => "لن يصلك إشعار بعد الآن بدعوة إلى غرفة.",
    event: () => "لن تصلك إشعارات عن اللقاءات بعد الآن. الصفحات المفتوحة ما زالت تذكرها.",
  },
  turnedOff: "أُوقفت",
  notOff: "لم ينجح ذلك",
  notOffWhy: "يمكن إيقافها من Vivavoce: في الإعدادات، ضمن «الإشعارات».",
};
