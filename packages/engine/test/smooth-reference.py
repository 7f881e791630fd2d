"""Values and gradients by PyTorch in float64; python3 smooth-reference.py > smooth-reference.json"""
import json, torch, torch.nn.functional as F
torch.set_default_dtype(torch.float64)
def nums(seed,count):
    state=(seed*2654435761)%2**32 or 1; out=[]
    for _ in range(count):
        state^=(state<<13)&0xffffffff; state^=state>>17; state^=(state<<5)&0xffffffff
        out.append((state>>8)/2**23-1)
    return out
r={}
x=torch.tensor(nums(61,24)).mul(4).requires_grad_(True)
dy=torch.tensor(nums(62,24))
for n,f in [('silu',F.silu),('gelu',F.gelu),('hardSwish',F.hardswish)]:
    y=f(x); g,=torch.autograd.grad(y,x,dy); r[n]={'y':y.tolist(),'dx':g.tolist()}
x=torch.tensor(nums(63,3*19)).reshape(3,19).requires_grad_(True)
s=torch.tensor(nums(64,19)).requires_grad_(True); o=torch.tensor(nums(65,19)).requires_grad_(True)
dy=torch.tensor(nums(66,3*19)).reshape(3,19)
y=F.layer_norm(x,(19,),s,o,1e-5); g=torch.autograd.grad(y,[x,s,o],dy)
r['layerNorm']={'y':y.flatten().tolist(),'dx':g[0].flatten().tolist(),'dscale':g[1].tolist(),'doffset':g[2].tolist()}
q=torch.tensor(nums(67,40)).reshape(4,10).mul(6).requires_grad_(True); dy=torch.tensor(nums(68,40)).reshape(4,10)
y=F.softmax(q,-1); g,=torch.autograd.grad(y,q,dy); r['softmax']={'y':y.flatten().tolist(),'dx':g.flatten().tolist()}
def rnd(v): return [rnd(i) for i in v] if isinstance(v,list) else ({k:rnd(i) for k,i in v.items()} if isinstance(v,dict) else round(v,9))
print(json.dumps(rnd(r)))
