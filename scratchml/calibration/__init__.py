"""Calibration: from scores of any classifier to probabilities that can be believed.

Symbols, the same in every file of this package:

======  ==============  ====================================================================
f       (n,)            decision values: the larger, the surer of the positive class
z       (n, K)          logits: decision values of K classes
y, c    (n,)            classes, their numbers
w       (n,)            sample weights
t       (n,)            target probabilities
p, P    (n,), (n, K)    probability of the positive class, of each class
A B     float           slope and offset of Platt's sigmoid
beta    float           inverse temperature
======  ==============  ====================================================================

`sigmoid`, `isotonic` and `temperature` hold the methods, functions over arrays that can be read
alone; a calibrator applies one to decision values, `CalibratedClassifierCV` to classifiers.
"""

from scratchml._core.lazy import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scratchml.calibration.calibrated_classifier import (
        CalibratedClassifier as CalibratedClassifier,
    )
    from scratchml.calibration.calibrated_classifier_cv import (
        CalibratedClassifierCV as CalibratedClassifierCV,
    )
    from scratchml.calibration.curve import calibration_curve as calibration_curve
    from scratchml.calibration.isotonic_calibrator import IsotonicCalibrator as IsotonicCalibrator
    from scratchml.calibration.sigmoid_calibrator import SigmoidCalibrator as SigmoidCalibrator
    from scratchml.calibration.temperature_calibrator import (
        TemperatureCalibrator as TemperatureCalibrator,
    )

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "CalibratedClassifier": "calibrated_classifier",
        "CalibratedClassifierCV": "calibrated_classifier_cv",
        "IsotonicCalibrator": "isotonic_calibrator",
        "SigmoidCalibrator": "sigmoid_calibrator",
        "TemperatureCalibrator": "temperature_calibrator",
        "calibration_curve": "curve",
    },
)
