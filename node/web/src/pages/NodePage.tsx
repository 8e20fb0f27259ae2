/** This node: its fingerprints, its membership, and how many images stand where. */
import type { Federation, Intake } from "../model/types";
import { language } from "../state/session";
import { say, t } from "../texts";
import { number, Trouble, useLoaded } from "./loading";

export function NodePage() {
  const federation = useLoaded<Federation>("/api/federation");
  return (
    <section>
      <h1>{t("page.node")}</h1>
      <Trouble text={federation.error} />
      {federation.value !== null && <Membership federation={federation.value} />}
      <Images />
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
