"""Two recurrent networks whose weights others trained, written once for both libraries.

Detector  silero-vad: is there speech in 512 samples at 16 kHz, given the 64 before them and the
          state that an LSTM carries along
Speller   g2p_en: the phonemes of a word from its letters; one GRU reads, another one writes
"""

import wave

import numpy as np

LETTERS = ["<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz"]
VOWELS = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW"
PHONEMES = ["<pad>", "<unk>", "<s>", "</s>"]
for _sound in VOWELS.split():
    stressed = _sound[0] in "AEIOU"
    PHONEMES += [_sound] if _sound == "UW" else []
    PHONEMES += [f"{_sound}{stress}" for stress in range(3)] if stressed else [_sound]
PHONEMES += ["V", "W", "Y", "Z", "ZH"]
LONGEST = 20
CHUNK, CONTEXT = 512, 64


def networks(torch, nn, F):
    """Return the classes (Detector, Speller), made of the library that is given."""

    class Detector(nn.Module):
        def __init__(self):
            super().__init__()
            self.stft_conv = nn.Conv1d(1, 258, 256, stride=128, bias=False)
            self.conv1 = nn.Conv1d(129, 128, 3, padding=1)
            self.conv2 = nn.Conv1d(128, 64, 3, stride=2, padding=1)
            self.conv3 = nn.Conv1d(64, 64, 3, stride=2, padding=1)
            self.conv4 = nn.Conv1d(64, 128, 3, padding=1)
            self.lstm_cell = nn.LSTMCell(128, 128)
            self.final_conv = nn.Conv1d(128, 1, 1)

        def forward(self, x, state=None):  # (B, 64 + 512) -> (B,) and the state after it
            x = self.stft_conv(F.pad(x.unsqueeze(1), (0, 64), "reflect"))  # (B, 258, 4)
            x = torch.sqrt(x[:, :129] ** 2 + x[:, 129:] ** 2)
            x = F.relu(self.conv2(F.relu(self.conv1(x))))
            x = F.relu(self.conv4(F.relu(self.conv3(x))))  # (B, 128, 1)
            state = self.lstm_cell(x.squeeze(-1), state)
            x = self.final_conv(F.relu(state[0]).unsqueeze(-1))
            return torch.sigmoid(x).squeeze(2).squeeze(1), state

        def listen(self, sound):  # (B, n 512) -> (B, n)
            sound, state, found = F.pad(sound, (CONTEXT, 0)), None, []
            for start in range(0, sound.shape[1] - CONTEXT, CHUNK):
                speech, state = self(sound[:, start : start + CONTEXT + CHUNK], state)
                found.append(speech)
            return torch.stack(found, 1)

    class Speller(nn.Module):
        def __init__(self):
            super().__init__()
            self.enc_emb = nn.Embedding(len(LETTERS), 256)
            self.enc = nn.GRU(256, 256)
            self.dec_emb = nn.Embedding(len(PHONEMES), 256)
            self.dec = nn.GRUCell(256, 256)
            self.fc = nn.Linear(256, len(PHONEMES))

        def read(self, words):
            """Return the state after the letters of each word, (B, 256), read as a packed batch."""
            rows = [torch.tensor([LETTERS.index(c) for c in (*w, "</s>")]) for w in words]
            packed = nn.utils.rnn.pack_sequence(rows, enforce_sorted=False)
            packed = packed._replace(data=self.enc_emb(packed.data))
            return self.enc(packed)[1][0]

        def forward(self, words):  # B words -> logits (B, LONGEST, phonemes) of the most likely
            h, found = self.read(words), []
            last = torch.tensor([PHONEMES.index("<s>")] * len(words))
            for _ in range(LONGEST):
                h = self.dec(self.dec_emb(last), h)
                found.append(self.fc(h))
                last = found[-1].argmax(1)
            return torch.stack(found, 1)

    return Detector, Speller


def state_of(file):
    """Return the weights of a file by PyTorch's names: the speller's have short ones."""
    with np.load(file) as weights:
        state = {key: weights[key] for key in weights.files}
    if "enc_emb" not in state:
        return state
    names = {"emb": "emb.weight", "w_ih": "weight_ih", "w_hh": "weight_hh", "b_ih": "bias_ih"}
    names |= {"b_hh": "bias_hh", "w": "weight", "b": "bias"}
    found = {}
    for key, value in state.items():
        net, _, name = key.partition("_")
        if name == "emb":
            found[f"{net}_emb.weight"] = value
        else:
            found[f"{net}.{names[name]}{'_l0' if net == 'enc' else ''}"] = value
    return found


def spelled(logits):
    """Return the phonemes of a word from its logits (LONGEST, phonemes), up to the end."""
    found = [PHONEMES[i] for i in logits.argmax(1)]
    return " ".join(found[: found.index("</s>")] if "</s>" in found else found)


WORDS = ["library", "a", "recurrent", "speech"]


def sounds():
    """Return a voice-like sound that rises and falls, and a hiss, (2, 10 * 512)."""
    t = np.arange(10 * CHUNK) / 16000
    pitch = 2 * np.pi * np.cumsum(120 + 30 * np.sin(9 * t)) / 16000
    voice = sum(np.sin(k * pitch) / (1 + abs(k * 120 - 600) / 200) for k in range(1, 25))
    hiss = np.sin(1e5 * np.sin(np.arange(len(t))))
    return np.array([0.1 * voice * np.sin(5 * t) ** 2, 0.01 * hiss]).astype(np.float32)


def recording(path):
    """Return the samples of a wave file, cut to whole chunks, (1, n 512)."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    samples = samples[: len(samples) // CHUNK * CHUNK]
    return (samples / np.float32(32768)).astype(np.float32)[None]
