"""Writes augment-reference.json: what NumPy and SciPy make of small images, for the tests of src/augment. python3 augment-reference.py"""

import json
import pathlib

import numpy as np
from scipy import ndimage, stats

rng = np.random.default_rng(20251)
GREY = rng.integers(0, 256, (7, 9, 1), dtype=np.uint8)
SQUARE = rng.integers(0, 256, (6, 6, 1), dtype=np.uint8)
COLOUR = rng.integers(0, 256, (6, 5, 3), dtype=np.uint8)
IMAGES = {"grey": GREY, "square": SQUARE, "colour": COLOUR}


def flat(image):
    return [round(float(v), 7) for v in np.asarray(image, dtype=np.float64).ravel()]


def shifted(image, dy, dx, flip, padding):
    """Pad, then crop: the way random crops are written."""
    pad = max(abs(dy), abs(dx))
    image = image[:, ::-1] if flip else image
    mode = {"zero": "constant", "reflect": "reflect"}[padding]
    padded = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), mode=mode)
    height, width = image.shape[:2]
    return padded[pad - dy : pad - dy + height, pad - dx : pad - dx + width] / 255


def warped(image, rotate, zoom, shear, dx, dy, padding):
    angle = np.deg2rad(rotate)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    forward = rotation @ (zoom * np.eye(2)) @ np.array([[1, np.tan(np.deg2rad(shear))], [0, 1]])
    inverse = np.linalg.inv(forward[::-1, ::-1])  # (y, x)
    height, width = image.shape[:2]
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    offset = centre - inverse @ (centre + np.array([dy, dx]))
    mode = {"zero": "grid-constant", "reflect": "mirror"}[padding]
    planes = [
        ndimage.affine_transform(image[:, :, c] / 255, inverse, offset, order=1, mode=mode, cval=0)
        for c in range(image.shape[2])
    ]
    return np.stack(planes, axis=2)


def luma(image):
    return image[:, :, :1] if image.shape[2] == 1 else image @ np.array([[0.299], [0.587], [0.114]])


def blended(image, other, factor):
    return np.clip(factor * image + (1 - factor) * other, 0, 1)


def equalized(image):
    out = image.copy()
    for c in range(image.shape[2]):
        histogram = np.bincount(image[:, :, c].ravel(), minlength=256)
        nonzero = histogram[histogram != 0]
        step = nonzero[:-1].sum() // 255
        if step == 0:
            continue
        table = (np.cumsum(histogram) + step // 2) // step
        table = np.clip(np.concatenate([[0], table[:-1]]), 0, 255)
        out[:, :, c] = table[image[:, :, c]]
    return out / 255


def sharpened(image, factor):
    kernel = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]]) / 13
    smooth = np.stack([ndimage.convolve(image[:, :, c], kernel) for c in range(image.shape[2])], axis=2)
    inner = image.copy()
    inner[1:-1, 1:-1] = smooth[1:-1, 1:-1]
    return blended(image, inner, factor)


cases = []


def case(kind, name, out, **parameters):
    cases.append({"kind": kind, "image": name, **parameters, "out": flat(out)})


for name, image in IMAGES.items():
    unit = image / 255
    for padding in ["zero", "reflect"]:
        for flip in [False, True]:
            for dy, dx in [(0, 0), (2, -1), (-3, 4), (1, 0)]:
                case("shift", name, shifted(image, dy, dx, flip, padding), dy=dy, dx=dx, flip=flip, padding=padding)
        for rotate, zoom, shear, dx, dy in [(0, 1, 0, 0, 0), (30, 1, 0, 0, 0), (0, 1.3, 0, 0, 0), (0, 0.6, 0, 1, -2), (0, 1, 20, 0, 0), (-47, 0.8, -15, 2, 1), (170, 1.1, 40, -1, 3)]:
            out = warped(image, rotate, zoom, shear, dx, dy, padding)
            case("warp", name, out, rotate=rotate, zoom=zoom, shear=shear, dx=dx, dy=dy, padding=padding)
    for factor in [0, 0.4, 1, 1.7]:
        case("brightness", name, np.clip(unit * factor, 0, 1), factor=factor)
        case("contrast", name, blended(unit, luma(unit).mean(), factor), factor=factor)
        case("color", name, blended(unit, luma(unit), factor), factor=factor)
        case("sharpness", name, sharpened(unit, factor), factor=factor)
    for bits in [4, 6, 8]:
        case("posterize", name, (image & ~np.uint8(255 >> bits) if bits < 8 else image) / 255, bits=bits)
    for threshold in [0, 100, 255]:
        case("solarize", name, np.where(image >= threshold, 255 - image, image) / 255, threshold=threshold)
    low, high = unit.min(axis=(0, 1)), unit.max(axis=(0, 1))
    case("autoContrast", name, (unit - low) / (high - low))

# enough pixels that a step of the equalization is more than one
LARGE = np.clip(rng.normal(90, 25, (40, 40, 1)), 0, 255).astype(np.uint8)
IMAGES["large"] = LARGE
for name in ["large", "grey"]:
    case("equalize", name, equalized(IMAGES[name]))
case("rot90", "square", np.rot90(SQUARE) / 255)

quantiles = {str(a): [float(q) for q in stats.beta.ppf([0.1, 0.25, 0.5, 0.75, 0.9], a, a)] for a in [0.2, 1, 4]}
images = {n: {"height": i.shape[0], "width": i.shape[1], "channels": i.shape[2], "pixels": i.ravel().tolist()} for n, i in IMAGES.items()}
path = pathlib.Path(__file__).with_name("augment-reference.json")
path.write_text(json.dumps({"images": images, "cases": cases, "betaQuantiles": quantiles}) + "\n")
