"""The sentences nobody tunes against: every word around the slot must stay.

Made on 2026-11-23, before the cleaner was changed again, from what others wrote, by rule; where a sentence stood in an
earlier set already it was left out. Latin: the radiology names of a public copy of LOINC (https://loinc.org) that stand
between codes 37257-3 and 37634-3 and have the check digit 3, every third one a carrier; then what ten public programs
said about a chest film, found by the words "No acute cardiopulmonary", in their order. Korean: the examinations of
magnetic resonance in one hospital's public price list, in its order, the first few of each kind; the examinations and
preparations of one hospital program; then what public programs said about findings, found by the words "판독소견" and
"소견은 보이지 않". Whoever reads the misses of this set to mend the cleaner moves it to `templates` and makes another.
"""

from __future__ import annotations

from planting.templates import TemplateSet

HELD_OUT = TemplateSet(
    latin=(
        "XR Spine Lumbar and Sacroiliac Joint 3 Views @",
        "@ XR Lumbar spine and Sacrum and SI joint and Coccyx Views",
        "RFA Aortic arch and Brachial artery Views W contrast IA (@)",
        "RFA Orbit veins - left, @, Views W contrast IV",
        "MR Wrist WO contrast / @",
        "@: MRA Cervical spine vessels WO and W contrast IV",
        "XR Wrist - bilateral [@] PA and Lateral and Oblique",
        "RFA Aortic arch and Carotid artery - bilateral and Vertebral artery - bilateral Views W contrast IA; @",
        "@ - XR Pelvis Lateral",
        "No acute cardiopulmonary abnormality detected above reporting threshold. @",
        "@, Fever, cough, shortness of breath",
        "No focal consolidation or effusion. No aspiration pattern. (@)",
        "Heart size normal. Lungs are clear bilaterally. @ No pleural effusion or pneumothorax.",
    ),
    korean=(
        "뇌-일반 @",
        "@ 경부-조영제 주입 전·후 촬영 판독",
        "경추-추간공 (@)",
        "요천추-제한적 MRI, @",
        "검사 4시간 전부터 금식 / @",
        "@ - 두부 CT",
        "하지 정맥 초음파 [@]",
        "전날 저녁 장정결제 복용; @",
        "이전 검사 대비 호전 양상. @",
        "@, 경미한 염증 소견 관찰됨.",
        "뚜렷한 피부 병변 소견은 보이지 않습니다. (@)",
        "@ liver 내에 small low attenuated lesion 들이 보임",
    ),
    harmless_latin=(
        "MR Parotid gland WO contrast",
        "XR Sternoclavicular joint - bilateral Views",
        "XR Spine Lumbar and Sacrum and Coccyx 5 Views",
        "XR Cervical and thoracic spine AP and Lateral",
        "RFA Gastroduodenal artery Views W contrast IA",
        "RFA Celiac artery and Gastric artery - left and Superior mesenteric artery Views W contrast IA",
        "CT Lung parenchyma WO contrast",
        "XR Wrist - left 3 Views",
        "XR Knee - left Views AP W manual stress",
        "CTA Head vessels and Neck vessels W contrast IV",
        "MRA Cervical spine vessels WO contrast",
        "XR Toe fifth - left Views",
        "MG Breast - bilateral Magnification and Spot",
        "RF Unspecified body region Views W contrast via fistula",
        "RFA Aortic arch and External carotid artery - left Views W contrast IA",
        "XR Nasal bones Lateral and Waters",
        "XR Pelvis AP 20 degree cephalic angle",
        "No acute cardiopulmonary disease. Heart size normal. Lung fields clear.",
        "Mild degenerative changes at L4-L5 level with disc space narrowing. No significant neural compression.",
        "Reported: no acute cardiopulmonary abnormality",
        "unremarkable chest",
        "enlarged cardiac silhouette",
        "blunting of costophrenic angle",
        "PA and lateral chest radiographs.",
        "Normal cardiomediastinal silhouette.",
        "No evidence of aspiration pneumonia",
        "Normal chest radiograph. No acute cardiopulmonary process.",
        "Mediastinal contour is normal. No osseous abnormalities.",
        (
            "Ultrasound revealed liver nodularity, signs of portal hypertension (ascites and splenomegaly), and"
            " cholelithiasis."
        ),
        "Mediastinal contours are unremarkable. No acute osseous abnormality.",
    ),
    harmless_korean=(
        "뇌-조영제 주입 전·후 촬영 판독",
        "경부-일반",
        "경추-일반",
        "경추-제한적 MRI",
        "경추-조영제 주입 전·후 촬영 판독",
        "흉추-일반",
        "흉추-조영제 주입 전·후 촬영 판독",
        "요추-추간공",
        "흉추-제한적 MRI",
        "척추강-일반",
        "MRI 척추 - 경추 흉추, 요천추와 동시촬영",
        "견관절-제한적 MRI",
        "뇌 MRI",
        "요추 MRI",
        "슬관절 MRI",
        "흉부 CT",
        "복부 CT",
        "흉부 X-ray",
        "슬관절 X-ray",
        "복부 X-ray",
        "복부 초음파",
        "심장 초음파",
        "위내시경",
        "대장내시경",
        "조영제 사용 시 6시간 금식",
        "검사 8시간 전부터 금식",
        "정상 소견. 특이사항 없음.",
        "추적 관찰 필요.",
        "정상 범위 내 소견.",
        "spleen 에 특이 소견은 보이지 않음",
        "이상 소견은 보이지 않습니다.",
        "특별한 위험 소견은 보이지 않습니다.",
        "bone에 이상 소견은 보이지 않음",
        "유방촬영술에서 뚜렷한 이상소견은 보이지 않으나 치밀 유방 구성을 보이는 경우",
    ),
)
