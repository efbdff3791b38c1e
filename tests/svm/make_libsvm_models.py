"""Write data/models: model files that LIBSVM itself trained and wrote, and what it predicts.

pip install libsvm-official; python -m tests.svm.make_libsvm_models

Each name.model is LIBSVM's (3.37); predictions.json holds its decision values of the test rows (of
each pair, in the order of the file's labels) and its predictions, those of svm-predict without -b.
"""

import contextlib
import io
import json

from tests.svm.libsvm_models import CASES, FOLDER, problem


def as_dicts(X, precomputed):
    """Return rows as LIBSVM takes them: {index: value} from 1, a precomputed one's number at 0."""
    rows = [{j + 1: v for j, v in enumerate(row) if v or precomputed} for row in X.tolist()]
    return [{0: i + 1, **row} for i, row in enumerate(rows)] if precomputed else rows


def main():
    """Write the files."""
    from libsvm import svmutil  # pip install libsvm-official, for this script alone

    FOLDER.mkdir(parents=True, exist_ok=True)
    answers = {}
    for name, (_, options) in CASES.items():
        X, y, X_test = problem(name)
        precomputed = "-t 4" in options
        rows, tested = as_dicts(X, precomputed), as_dicts(X_test, precomputed)
        data = svmutil.svm_problem(y.tolist(), rows, isKernel=precomputed)
        model = svmutil.svm_train(data, f"{options} -e 1e-6 -q")
        svmutil.svm_save_model(str(FOLDER / f"{name}.model"), model)
        model = svmutil.svm_load_model(str(FOLDER / f"{name}.model"))
        with contextlib.redirect_stdout(io.StringIO()):
            predicted, _, decisions = svmutil.svm_predict([0.0] * len(tested), tested, model)
        answers[name] = {"decisions": decisions, "predicted": predicted}
    (FOLDER / "predictions.json").write_text(json.dumps(answers, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
