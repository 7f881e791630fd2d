"""PyTorch's parameters after 100 steps on gradients that are formulas: python optimizers.py > optimizers.json"""
import json, math, torch

SHAPES = [[2, 3], [2]]
def start(k): return [math.cos(0.7 * i + k) for i in range(math.prod(SHAPES[k]))]
def gradient(t, k): return [math.sin(0.37 * t + 0.61 * i + k) * (i + 1) / 4 for i in range(math.prod(SHAPES[k]))]

CASES = {
    'adam': lambda p: torch.optim.Adam(p, lr=0.01, eps=1e-7),
    'adamw': lambda p: torch.optim.AdamW([{'params': p[:1], 'weight_decay': 0.1}, {'params': p[1:], 'weight_decay': 0}], lr=0.01, eps=1e-7),
    'sgd': lambda p: torch.optim.SGD(p, lr=0.1),
    'momentum': lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    'nesterov': lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    'rates': lambda p: torch.optim.Adam([{'params': p[:1], 'lr': 0.01}, {'params': p[1:], 'lr': 0.001}], eps=1e-7),
    'clipped': lambda p: torch.optim.SGD(p, lr=0.1),
}
def run(name):
    params = [torch.tensor(start(k)).reshape(shape).requires_grad_() for k, shape in enumerate(SHAPES)]
    optimizer = CASES[name](params)
    ema, weight = [torch.zeros_like(p) for p in params], 0.0
    for t in range(1, 101):
        for k, p in enumerate(params): p.grad = torch.tensor(gradient(t, k)).reshape(p.shape)
        if name == 'clipped': torch.nn.utils.clip_grad_norm_(params, 0.5)
        optimizer.step()
        weight = 0.9 * weight + 0.1
        ema = [0.9 * e + 0.1 * p.detach() for e, p in zip(ema, params)]
    flat = lambda ts: [x for t in ts for x in t.detach().flatten().tolist()]
    return {'parameters': flat(params), 'ema': flat([e / weight for e in ema])}
def factors(make, steps=40):
    o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0); s = make(o); out = []
    for _ in range(steps): out.append(o.param_groups[0]['lr']); o.step(); s.step()
    return out
L = torch.optim.lr_scheduler
schedules = {
    'step': factors(lambda o: L.StepLR(o, 10, 0.5)),
    'polynomial': factors(lambda o: L.PolynomialLR(o, 39, 2)),
    'cosine': factors(lambda o: L.CosineAnnealingLR(o, 39, 0.1)),
    'triangular': factors(lambda o: L.CyclicLR(o, 0.2, 1.0, step_size_up=8, cycle_momentum=False)),
    'one-cycle': factors(lambda o: L.OneCycleLR(o, 1.0, total_steps=40, cycle_momentum=False)),
}
print(json.dumps({'optimizers': {name: run(name) for name in CASES}, 'schedules': schedules}))
