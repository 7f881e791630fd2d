"""The seed CNN in PyTorch, driven by lines on stdin: "train K" or "infer K" runs K steps and answers {"seconds": s}."""

import argparse
import gzip
import json
import pathlib
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

flags = argparse.ArgumentParser()
flags.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
flags.add_argument("--layout", choices=["nchw", "channels-last"], default="nchw")
flags.add_argument("--compile", action="store_true")
flags.add_argument("--threads", type=int, default=2)
flags.add_argument("--batch", type=int, default=128)
flags.add_argument("--inference-batch", type=int, default=500)
flags.add_argument("--dataset", required=True)
flags = flags.parse_args()
torch.set_num_threads(flags.threads)
torch.manual_seed(1)
layout = torch.channels_last if flags.layout == "channels-last" else torch.contiguous_format


class SeedCnn(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [1, 32, 64, 128]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm2d(b, eps=1e-3, momentum=0.01) for b in widths[1:])
        self.dense1, self.dense2, self.logits = nn.Linear(1152, 256), nn.Linear(256, 128), nn.Linear(128, 10)
        self.dense_norm = nn.BatchNorm1d(256, eps=1e-3, momentum=0.01)

    def forward(self, x):
        for conv, norm, rate in zip(self.convs, self.norms, [0.25, 0.25, 0.4]):
            x = F.dropout(F.max_pool2d(norm(F.relu(conv(x))), 2), rate, self.training)
        x = F.dropout(self.dense_norm(F.relu(self.dense1(x.flatten(1)))), 0.5, self.training)
        return self.logits(F.dropout(F.relu(self.dense2(x)), 0.3, self.training))


def read(name, skip):
    data = gzip.decompress((pathlib.Path(flags.dataset) / name).read_bytes())[skip:]
    return torch.frombuffer(bytearray(data), dtype=torch.uint8)


def batches(size, count):
    images = read("train-images-idx3-ubyte.gz", 16).view(-1, 1, 28, 28)
    labels = read("train-labels-idx1-ubyte.gz", 8).long()
    return [
        ((images[i : i + size].float() / 255).contiguous(memory_format=layout), labels[i : i + size])
        for i in range(0, size * count, size)
    ]


net = SeedCnn().to(memory_format=layout)
optimizer = torch.optim.Adam(net.parameters(), 1e-3, fused=True)
bf16 = flags.precision == "bf16"


def loss_of(x, y):
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        return F.cross_entropy(net(x).float(), y)


def probabilities_of(x):
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        return F.softmax(net(x).float(), 1)


train_batches, infer_batches = batches(flags.batch, 16), batches(flags.inference_batch, 4)
if flags.compile:
    loss_of, probabilities_of = torch.compile(loss_of), torch.compile(probabilities_of)


def train(steps):
    net.train()
    for i in range(steps):
        optimizer.zero_grad()
        loss = loss_of(*train_batches[i % len(train_batches)])
        loss.backward()
        optimizer.step()
        loss.item()
    return loss.item()


def infer(steps):
    net.eval()
    with torch.inference_mode():
        for i in range(steps):
            probabilities_of(infer_batches[i % len(infer_batches)][0])


def answer(value):
    print(json.dumps(value), flush=True)


first = train(1)
infer(1)
answer({"ready": True, "version": torch.__version__, "threads": torch.get_num_threads(), "firstLoss": first})
for line in sys.stdin:
    what, steps = line.split()
    since = time.perf_counter()
    loss = train(int(steps)) if what == "train" else infer(int(steps))
    answer({"seconds": time.perf_counter() - since, "loss": loss})
