/** The frame around every page: name, pages this person may open, language, sign-out. */
import type { JSX } from "preact";

import type { PageName } from "../state/session";
import { expired, language, page, pages, person, signOut, speak } from "../state/session";
import { t } from "../texts";
import { Adjudication } from "./adjudicator/Adjudication";
import { Concerns } from "./concerns/Concerns";
import { Courses } from "./courses/Courses";
import { Teaching } from "./courses/Teaching";
import { Exclusions } from "./Exclusions";
import { NodePage } from "./NodePage";
import { Fund } from "./pay/Fund";
import { GoldVerdicts } from "./pay/GoldVerdicts";
import { OwnPay } from "./pay/OwnPay";
import { Labelers } from "./people/Labelers";
import { OwnCertificates } from "./people/OwnCertificates";
import { PeoplePage } from "./people/PeoplePage";
import { Peers } from "./peers/Peers";
import { Plans } from "./Plans";
import { Projects } from "./Projects";
import { Quarantine } from "./Quarantine";
import { Reading } from "./Reading";
import { Reidentification } from "./Reidentification";
import { SignIn, SignInAgain } from "./SignIn";
import { Tokens } from "./Tokens";
import { Verdicts } from "./Verdicts";
import { WhatLeft } from "./WhatLeft";
import { Worklist } from "./Worklist";

const VIEWS: Record<PageName, () => JSX.Element | null> = {
  worklist: Worklist,
  reading: Reading,
  projects: Projects,
  quarantine: Quarantine,
  exclusions: Exclusions,
  reidentification: Reidentification,
  tokens: Tokens,
  plans: Plans,
  left: WhatLeft,
  verdicts: Verdicts,
  node: NodePage,
  adjudication: Adjudication,
  pay: OwnPay,
  gold: GoldVerdicts,
  people: PeoplePage,
  labelers: Labelers,
  certificates: OwnCertificates,
  fund: Fund,
  concerns: Concerns,
  courses: Courses,
  teaching: Teaching,
  peers: Peers,
};

export function Shell() {
  const View = VIEWS[page.value];
  const other = language.value === "ko" ? "en" : "ko";
  return (
    <>
      <header class="bar">
        <strong class="name">{t("app.name")}</strong>
        {person.value !== null && <Pages />}
        {person.value !== null && <span class="who">{person.value.display_name}</span>}
        <button type="button" class="quiet" lang={other} onClick={() => void speak(other)}>
          {t("app.language")}
        </button>
        {person.value !== null && (
          <button type="button" class="quiet" onClick={() => void signOut()}>
            {t("app.sign-out")}
          </button>
        )}
      </header>
      {expired.value && <SignInAgain />}
      <main inert={expired.value}>{person.value === null ? <SignIn /> : <View key={page.value} />}</main>
    </>
  );
}

function Pages() {
  return (
    <nav aria-label={t("app.name")} lang={language.value}>
      {pages.value.map((name) => (
        <button
          key={name}
          type="button"
          class="tab"
          aria-current={page.value === name ? "page" : undefined}
          onClick={() => {
            page.value = name;
          }}
        >
          {t(`page.${name}` as Parameters<typeof t>[0])}
        </button>
      ))}
    </nav>
  );
}
