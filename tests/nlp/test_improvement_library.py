"""What worked is found by what people say: entries lie near comments of their own theme and far from others."""

from __future__ import annotations

import numpy as np
import pytest
from earshot.analysis import reading
from earshot.improvement.library import Entry
from earshot.improvement.library_stages import SPEAKER, told
from earshot.improvement.library_store import NEAR

pytestmark = pytest.mark.slow

HEARD = {
    "Food": ["My lunch was stone cold again.", "No vegetarian meals to choose.", "Tea at five, then no food."],
    "Noise": ["Bins slammed all night.", "I could not sleep, the lights were never off.", "So loud at night here."],
    "Medicines": ["We waited five hours for tablets to take home.", "Pharmacy was slow on the day I left.",
                  "Ready at nine, home at six because of the medicines."],
}  # fmt: skip
WORKED = {
    "Food": ("Hot food", "Meals came cold and late, and people could not choose what they like."),
    "Noise": ("Quieter nights", "People could not sleep because of noise, bins and lights at night."),
    "Medicines": ("Medicines ready before noon", "People waited for hours for medicines on the day they went home."),
}


async def test_an_entry_is_near_what_people_say_of_the_same_and_far_from_the_rest() -> None:
    entries = [Entry("", title, heard, "", (), "", "", 8, None) for title, heard in WORKED.values()]
    texts = [*(text for texts in HEARD.values() for text in texts), *(told(entry) for entry in entries)]
    vectors = [one.analysis.embedding for one in await reading.hear([(text, SPEAKER) for text in texts]) if one]
    asked = [np.mean(vectors[3 * n : 3 * n + 3], axis=0) for n in range(3)]
    near = [[float(a @ v / np.linalg.norm(a)) for a in asked] for v in vectors[9:]]
    assert [[cosine >= NEAR for cosine in row] for row in near] == np.eye(3, dtype=bool).tolist(), near
