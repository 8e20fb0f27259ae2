/** What the hospital chose of de-identification, sentence by sentence; a change is made in the configuration alone. */
import type { Deidentification } from "../model/types";
import { language } from "../state/session";
import { say, t } from "../texts";
import { Table, Trouble, useLoaded } from "./loading";

export function PolicyInWords() {
  const { value, error } = useLoaded<Deidentification>("/api/deidentification");
  if (value === null) {
    return <Trouble text={error} />;
  }
  return (
    <details class="card">
      <summary>{t("policy.title", { edition: value.edition })}</summary>
      <ul>
        {value.sentences.map((sentence) => (
          <li key={sentence.en}>{say(sentence, language.value)}</li>
        ))}
      </ul>
      <Table head={[t("policy.code"), t("policy.meaning")]}>
        {value.codes.map((one) => (
          <tr key={one.code}>
            <td class="code">{one.code}</td>
            <td lang="en">{one.meaning}</td>
          </tr>
        ))}
      </Table>
      <p>{t("policy.where")}</p>
    </details>
  );
}
