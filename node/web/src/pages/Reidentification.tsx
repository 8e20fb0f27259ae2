/** Re-identification: one person asks which patient a case is, another decides, the first reads the answer once. */
import { useState } from "preact/hooks";

import { send } from "../api/client";
import type { AskReason, HospitalIdentity, ReidentificationRequest, Reidentifications, ReviewRefusal } from "../model/types";
import { holds } from "../state/session";
import { t } from "../texts";
import { moment, sentence, Table, Trouble, useLoaded } from "./loading";
import { ReasonSelect } from "./ReasonSelect";

const ASKING = [
  "clinical-attention",
  "patient-asked",
  "result-to-archive",
  "wrong-image",
  "authority-asked",
] as const satisfies readonly AskReason[];
const REFUSING = ["not-needed", "not-covered", "ask-in-person"] as const satisfies readonly ReviewRefusal[];
const PATH = "/api/reidentifications";
type Act = (path: string, body?: unknown) => Promise<unknown>;

export function Reidentification() {
  const { value, error, again } = useLoaded<Reidentifications>(PATH);
  const [trouble, setTrouble] = useState("");
  const [answer, setAnswer] = useState<HospitalIdentity | null>(null);
  const act: Act = async (path, body) => {
    setAnswer(null);
    try {
      const told = await send("POST", path, body);
      setTrouble("");
      return told ?? true;
    } catch (refusal) {
      setTrouble(sentence(refusal));
      return null;
    } finally {
      await again();
    }
  };
  const show = async (path: string) => {
    setAnswer((await act(path)) as HospitalIdentity | null);
  };
  return (
    <section>
      <h1>{t("page.reidentification")}</h1>
      <p class="hint">{t("reidentification.about")}</p>
      <Trouble text={error || trouble} />
      {answer !== null && <Answer answer={answer} close={() => { setAnswer(null); }} />}
      {holds("steward", "clinician") && <AskForm act={act} />}
      {value?.requests.length === 0 && <p>{t("reidentification.none")}</p>}
      {value !== null && value.requests.length > 0 && <Requests requests={value.requests} act={act} show={show} />}
    </section>
  );
}

/** What the hospital calls the patient and the study: kept in this page's memory alone, until it is closed. */
function Answer({ answer, close }: { readonly answer: HospitalIdentity; readonly close: () => void }) {
  return (
    <div class="card" role="status" aria-label={t("reidentification.answer")}>
      <h2>{t("reidentification.answer")}</h2>
      <p class="warning">{t("reidentification.once")}</p>
      <dl>
        <dt>{t("reidentification.hospital-number")}</dt>
        <dd class="code">{answer.hospital_number || t("reidentification.no-number")}</dd>
        {answer.issuer !== "" && <dt>{t("reidentification.issuer")}</dt>}
        {answer.issuer !== "" && <dd class="code">{answer.issuer}</dd>}
        <dt>{t("reidentification.study")}</dt>
        <dd class="code">{answer.study_instance_uid}</dd>
      </dl>
      <button type="button" onClick={close}>
        {t("reidentification.close")}
      </button>
    </div>
  );
}

function AskForm({ act }: { readonly act: Act }) {
  const [name, setName] = useState("");
  const [reason, setReason] = useState<AskReason | "">("");
  const ask = async (event: SubmitEvent) => {
    event.preventDefault();
    if ((await act(PATH, { case: name.trim(), reason })) !== null) {
      setName("");
      setReason("");
    }
  };
  return (
    <form onSubmit={(event) => void ask(event)} autocomplete="off">
      <h2>{t("reidentification.ask")}</h2>
      <label for="reidentification-case">{t("reidentification.case")}</label>
      <input
        id="reidentification-case"
        value={name}
        spellcheck={false}
        onInput={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <ReasonSelect id="reidentification-reason" reasons={ASKING} prefix="ask" chosen={reason} choose={setReason} />
      <p class="hint">{t("reidentification.ask-hint")}</p>
      <button type="submit" class="main" disabled={name.trim() === "" || reason === ""}>
        {t("reidentification.ask")}
      </button>
    </form>
  );
}

interface RequestsProps {
  readonly requests: readonly ReidentificationRequest[];
  readonly act: Act;
  readonly show: (path: string) => Promise<void>;
}

function Requests({ requests, act, show }: RequestsProps) {
  const head = ["case-name", "why", "asked-by", "state", "until", "step"] as const;
  return (
    <Table head={head.map((name) => t(`reidentification.${name}`))}>
      {requests.map((one) => (
        <tr key={one.request_id}>
          <td class="code">{one.case_id.slice(0, 8)}</td>
          <td>{t(`ask.${one.reason}`)}</td>
          <td>
            {one.asked_by}
            <div class="hint">{moment(one.asked_at)}</div>
          </td>
          <td>
            {t(`reidentification.${one.state}`)}
            {one.decided_by !== "" && <div class="hint">{one.decided_by}</div>}
            {one.refused_for !== null && <div class="hint">{t(`deny.${one.refused_for}`)}</div>}
          </td>
          <td>{one.state === "asked" || one.state === "approved" ? moment(one.ends_at) : ""}</td>
          <td>
            <Steps one={one} act={act} show={show} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

interface StepsProps {
  readonly one: ReidentificationRequest;
  readonly act: Act;
  readonly show: (path: string) => Promise<void>;
}

function Steps({ one, act, show }: StepsProps) {
  const [reason, setReason] = useState<ReviewRefusal | "">("");
  const path = `${PATH}/${one.request_id}`;
  if (one.state !== "asked" && one.state !== "approved") {
    return null;
  }
  if (one.mine) {
    return (
      <div class="actions">
        {one.state === "approved" && (
          <button type="button" class="main" onClick={() => void show(`${path}/answer`)}>
            {t("reidentification.show")}
          </button>
        )}
        <button type="button" onClick={() => void act(`${path}/withdrawal`)}>
          {t("reidentification.withdraw")}
        </button>
      </div>
    );
  }
  if (!holds("ethics")) {
    return null;
  }
  const id = `deny-${one.request_id}`;
  return (
    <div class="actions">
      {one.state === "asked" && (
        <button type="button" class="main" onClick={() => void act(`${path}/approval`)}>
          {t("reidentification.approve")}
        </button>
      )}
      <ReasonSelect id={id} reasons={REFUSING} prefix="deny" chosen={reason} choose={setReason} />
      <button type="button" class="stop" disabled={reason === ""} onClick={() => void act(`${path}/refusal`, { reason })}>
        {t("reidentification.refuse")}
      </button>
    </div>
  );
}
