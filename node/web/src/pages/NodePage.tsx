/** This node: its fingerprints, its membership, and how many images stand where. */
import type { Commitments as Asked, Federation, Intake } from "../model/types";
import { holds, language } from "../state/session";
import { say, t } from "../texts";
import { moment, number, Table, Trouble, useLoaded } from "./loading";
import { StoreState } from "./StoreState";
import { PolicyInWords } from "./PolicyInWords";

export function NodePage() {
  const federation = useLoaded<Federation>("/api/federation");
  return (
    <section>
      <h1>{t("page.node")}</h1>
      <Trouble text={federation.error} />
      {federation.value !== null && <Membership federation={federation.value} />}
      {holds("it", "steward") && <Images />}
      {holds("it") && <StoreState />}
      {holds("it", "steward") && <Commitments />}
      <PolicyInWords />
    </section>
  );
}

function Membership({ federation }: { readonly federation: Federation }) {
  return (
    <>
      <p role="status">{say(federation.summary, language.value)}</p>
      <dl>
        <dt>{t("node.fingerprint")}</dt>
        <dd class="code">{federation.own_fingerprint}</dd>
        {federation.joined && (
          <>
            <dt>{t("node.coordinator")}</dt>
            <dd class="code">
              {federation.coordinator_name}: {federation.coordinator_fingerprint}
            </dd>
            <dt>{t("node.site")}</dt>
            <dd class="code">{federation.site_id}</dd>
          </>
        )}
      </dl>
    </>
  );
}

function Images() {
  const { value, error } = useLoaded<Intake>("/api/intake");
  const figures = ["received", "waiting", "clean", "quarantined"] as const;
  return value === null ? (
    <Trouble text={error} />
  ) : (
    <dl>
      {figures.map((name) => (
        <>
          <dt>{t(`node.${name}`)}</dt>
          <dd>{number(value[name])}</dd>
        </>
      ))}
    </dl>
  );
}

/** Whom this node answers for, and why it would not: nothing is shown where nobody ever asked. */
function Commitments() {
  const { value } = useLoaded<Asked>("/api/commitments");
  if (value === null || value.commitments.length === 0) {
    return null;
  }
  const head = ["peer", "state", "instances", "failed", "when"] as const;
  return (
    <details class="card" open>
      <summary>{t("commitment.title")}</summary>
      <Table head={head.map((name) => t(`commitment.${name}`))}>
        {value.commitments.map((one, place) => (
          <tr key={place}>
            <td class="code">{one.peer}</td>
            <td>
              {t(`commitment.${one.state}`)}
              {one.reason !== null && <div class="hint">{say(one.reason, language.value)}</div>}
            </td>
            <td>{number(one.instances)}</td>
            <td>{number(one.failed)}</td>
            <td>{moment(one.at)}</td>
          </tr>
        ))}
      </Table>
    </details>
  );
}
