/** All cards and the dashboard, and what Home Assistant's pickers say of them. */
import { HoursCard } from "./cards/hours";
import { LeavingCard } from "./cards/leaving";
import { NowCard } from "./cards/now";
import { RequestsCard } from "./cards/requests";
import { SeedboxCard } from "./cards/seedbox";
import { TopCard } from "./cards/top";
import type { HomeAssistant } from "./ha";
import { ShowrunnerStrategy } from "./strategy";
import { type Key, pageLanguage, say } from "./texts";

const HOME = "https://github.com/showrunner-home/showrunner";
/** Which of our entities a card is about: the picker proposes it for those. */
const CARDS: Record<string, { type: object; keys: string[] }> = {
  now: {
    type: NowCard,
    keys: ["streams", "transcodes", "stream_bitrate", "playback", "viewings_today", "decision"],
  },
  requests: {
    type: RequestsCard,
    keys: ["requests", "requests_stuck", "request_stuck", "request", "approvals"],
  },
  leaving: { type: LeavingCard, keys: ["leaving", "leaving_count", "leaving_size", "next_deletion"] },
  hours: { type: HoursCard, keys: ["watch_time"] },
  top: { type: TopCard, keys: ["watch_time"] },
  seedbox: {
    type: SeedboxCard,
    keys: ["used_percent", "over_target", "purgeable_size", "transfer_state", "progress"],
  },
};

window.customCards ??= [];
for (const [name, { keys }] of Object.entries(CARDS)) {
  const type = `showrunner-${name}-card`;
  window.customCards.push({
    type,
    name: say(pageLanguage(), `picker_${name}` as Key),
    description: say(pageLanguage(), `about_${name}` as Key),
    preview: true,
    documentationURL: HOME,
    getEntitySuggestion: (hass: HomeAssistant, id: string) => {
      const entity = hass.entities[id];
      const ours = entity?.platform === "showrunner" && keys.includes(entity.translation_key ?? "");
      return ours ? { config: { type: `custom:${type}` } } : null;
    },
  });
}

customElements.define("ll-strategy-dashboard-showrunner", ShowrunnerStrategy);
window.customStrategies ??= [];
window.customStrategies.push({
  type: "showrunner",
  strategyType: "dashboard",
  name: "Showrunner",
  description: ShowrunnerStrategy.description,
  documentationURL: HOME,
});
