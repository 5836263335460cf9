"""Photo-like scenes: drawn, shaded and blurred, so that they look like pictures and not like diagrams."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from scripts.data.drawing import Picture
from scripts.data.scenes_bicycles_cats import blue_bicycle, night_cat, red_bicycle, sofa_cat
from scripts.data.scenes_nature import balloons, fog, lighthouse, mountains, sailing, snow_hut
from scripts.data.scenes_things import coffee, desk, fruit, skyline, tram

__all__ = ["SCENES"]


def _scene(id: str, title: str, text: str, draw: Callable[[], Image.Image]) -> Picture:  # noqa: A002
    return Picture(id=id, title=title, text=text, kind="scene", draw=draw, suffix="jpg")


SCENES = (
    _scene(
        "scene-red-bicycle",
        "Red bicycle by a brick wall",
        "A red bicycle with a wicker basket leans against a brick wall and throws its shadow on it.",
        red_bicycle,
    ),
    _scene(
        "scene-blue-bicycle",
        "Blue bicycle in a park",
        "A blue bicycle stands on the grass beside the trunk of a tree; autumn leaves lie around it.",
        blue_bicycle,
    ),
    _scene(
        "scene-sofa-cat",
        "Ginger cat on a sofa",
        "A ginger cat with stripes lies asleep on a blue sofa; a framed picture hangs on the wall above.",
        sofa_cat,
    ),
    _scene(
        "scene-night-cat",
        "Black cat at a window by night",
        "A black cat with yellow eyes sits on a windowsill between red curtains; outside the moon shines over a city.",
        night_cat,
    ),
    _scene(
        "scene-mountains",
        "Mountains at sunset",
        "The sun sets behind mountains; sky and lake glow orange, dark firs stand in front.",
        mountains,
    ),
    _scene(
        "scene-sailing",
        "Sailing boat on a blue sea",
        "A sailing boat with two white sails and a red hull on a blue sea, hills and clouds behind it.",
        sailing,
    ),
    _scene(
        "scene-lighthouse",
        "Lighthouse at night",
        "A lighthouse with red stripes sends its beam over the sea at night, stars above, a small house beside it.",
        lighthouse,
    ),
    _scene(
        "scene-snow-hut",
        "Hut in the snow",
        "A wooden hut with lit windows and a smoking chimney between snowy firs while snow is falling.",
        snow_hut,
    ),
    _scene(
        "scene-fog",
        "Path through a foggy forest",
        "A path leads between the trunks of a foggy forest; fallen leaves cover the ground.",
        fog,
    ),
    _scene(
        "scene-balloons",
        "Hot-air balloons over fields",
        "Four hot-air balloons with stripes float over green hills, the largest one red and yellow.",
        balloons,
    ),
    _scene(
        "scene-coffee",
        "Cup of coffee on a table",
        "A steaming cup of coffee with a leaf of milk foam on a wooden table, a spoon on the saucer, beans beside it.",
        coffee,
    ),
    _scene(
        "scene-fruit",
        "Bowl of fruit",
        "A blue bowl with bananas, oranges, apples and dark grapes on a pale tablecloth.",
        fruit,
    ),
    _scene(
        "scene-desk",
        "Desk with lamp and laptop",
        "A desk in the evening: a green lamp, a laptop that shows a bar chart, a plant in a pot, books on a shelf.",
        desk,
    ),
    _scene(
        "scene-skyline",
        "City at night by a river",
        "High buildings with lit windows after sunset, mirrored in a river.",
        skyline,
    ),
    _scene(
        "scene-tram",
        "Yellow tram in a street",
        "A yellow tram with a red stripe drives past a row of colourful houses by day.",
        tram,
    ),
)
