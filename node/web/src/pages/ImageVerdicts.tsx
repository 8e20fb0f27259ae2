/** The latest verdicts of de-identification: clean, cleaned with what was done, quarantined with the reason. */
import type { ImageVerdicts as Verdicts } from "../model/types";
import { language } from "../state/session";
import type { TextKey } from "../texts";
import { say, t } from "../texts";
import { moment, Table, Trouble, useLoaded } from "./loading";

export function ImageVerdicts() {
  const { value, error } = useLoaded<Verdicts>("/api/intake/verdicts");
  if (value === null || value.images.length === 0) {
    return <Trouble text={error} />;
  }
  const head = [t("quarantine.image"), t("verdicts.verdict"), t("image-verdicts.done"), t("verdicts.when")];
  return (
    <details class="card">
      <summary>{t("image-verdicts.title")}</summary>
      <Table head={head}>
        {value.images.map((image) => (
          <tr key={image.image_id}>
            <td class="code">{image.image_id.slice(0, 8)}</td>
            <td>{t(`image-verdict.${image.verdict}` as TextKey)}</td>
            <td>
              {image.sentences.map((sentence) => (
                <div key={sentence.en}>{say(sentence, language.value)}</div>
              ))}
            </td>
            <td>{moment(image.at)}</td>
          </tr>
        ))}
      </Table>
    </details>
  );
}
