/** The desk of who pays: rate cards of projects, and months with their totals, closing and statements. */
import { useState } from "preact/hooks";

import { t } from "../../texts";
import { Parts } from "../acting";
import { MonthDesk } from "./MonthDesk";
import { RateDesk } from "./RateDesk";

const NAMES = ["months", "rates"] as const;

export function Fund() {
  const [name, setName] = useState<(typeof NAMES)[number]>("months");
  return (
    <section>
      <h1>{t("page.fund")}</h1>
      <Parts names={NAMES} shown={name} show={setName} words={(one) => t(`fund.${one}`)} label={t("page.fund")} />
      {name === "months" ? <MonthDesk /> : <RateDesk />}
    </section>
  );
}
