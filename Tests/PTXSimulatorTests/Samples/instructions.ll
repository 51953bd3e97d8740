target triple = "nvptx64-nvidia-cuda"
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.laneid()
declare i32 @llvm.nvvm.shfl.sync.idx.i32(i32, i32, i32, i32)
declare {i32, i1} @llvm.nvvm.shfl.sync.up.i32p(i32, i32, i32, i32)
declare float @llvm.nvvm.shfl.sync.bfly.f32(i32, float, i32, i32)
declare i32 @llvm.nvvm.vote.ballot.sync(i32, i1)
declare i1 @llvm.nvvm.vote.any.sync(i32, i1)
declare i32 @llvm.nvvm.match.any.sync.i32(i32, i32)
declare {i32, i1} @llvm.nvvm.match.all.sync.i64p(i32, i64)
declare i32 @llvm.nvvm.redux.sync.add(i32, i32)
declare void @llvm.nvvm.bar.warp.sync(i32)
declare void @llvm.nvvm.barrier0()
declare i32 @llvm.nvvm.barrier0.popc(i32)
declare i32 @llvm.nvvm.barrier0.and(i32)
declare void @llvm.nvvm.barrier.sync.cnt(i32, i32)
declare void @llvm.nvvm.membar.gl()
declare void @llvm.nvvm.membar.cta()
declare <2 x half> @llvm.fma.v2f16(<2 x half>, <2 x half>, <2 x half>)
declare <2 x bfloat> @llvm.fma.v2bf16(<2 x bfloat>, <2 x bfloat>, <2 x bfloat>)
declare half @llvm.fma.f16(half,half,half)
declare bfloat @llvm.fma.bf16(bfloat,bfloat,bfloat)
declare half @llvm.sqrt.f16(half)
declare float @llvm.sqrt.f32(float)
declare double @llvm.sqrt.f64(double)
declare float @llvm.minnum.f32(float,float)
declare float @llvm.maximum.f32(float,float)
declare half @llvm.maximum.f16(half,half)
declare <2 x half> @llvm.minnum.v2f16(<2 x half>,<2 x half>)
declare bfloat @llvm.maxnum.bf16(bfloat,bfloat)
declare double @llvm.minnum.f64(double,double)
declare float @llvm.copysign.f32(float,float)
declare half @llvm.copysign.f16(half,half)
declare double @llvm.fabs.f64(double)
declare half @llvm.fabs.f16(half)
declare float @llvm.floor.f32(float)
declare float @llvm.ceil.f32(float)
declare float @llvm.trunc.f32(float)
declare double @llvm.rint.f64(double)
declare float @llvm.roundeven.f32(float)
declare float @llvm.round.f32(float)
declare half @llvm.floor.f16(half)
declare bfloat @llvm.rint.bf16(bfloat)
declare i32 @llvm.ctlz.i32(i32,i1)
declare i64 @llvm.cttz.i64(i64,i1)
declare i16 @llvm.ctpop.i16(i16)
declare i32 @llvm.bitreverse.i32(i32)
declare i64 @llvm.bswap.i64(i64)
declare i32 @llvm.fshl.i32(i32,i32,i32)
declare i64 @llvm.fshr.i64(i64,i64,i64)
declare i32 @llvm.smax.i32(i32,i32)
declare i64 @llvm.abs.i64(i64,i1)
declare i32 @llvm.sadd.sat.i32(i32,i32)
declare i32 @llvm.uadd.sat.i32(i32,i32)
declare {i32,i1} @llvm.umul.with.overflow.i32(i32,i32)
declare i32 @llvm.fptosi.sat.i32.f32(float)
declare i64 @llvm.fptoui.sat.i64.f64(double)
declare i8 @llvm.fptosi.sat.i8.f32(float)
declare i32 @llvm.nvvm.atomic.load.inc.32.p0(ptr, i32)
declare i32 @llvm.nvvm.atomic.load.dec.32.p1(ptr addrspace(1), i32)
declare float @llvm.nvvm.ex2.approx.f(float)
declare float @llvm.nvvm.ex2.approx.ftz.f(float)
declare float @llvm.nvvm.lg2.approx.f(float)
declare float @llvm.nvvm.rsqrt.approx.f(float)
declare float @llvm.nvvm.rcp.rn.f(float)
declare float @llvm.nvvm.rcp.approx.ftz.f(float)
declare double @llvm.nvvm.rcp.approx.ftz.d(double)
declare float @llvm.nvvm.sin.approx.f(float)
declare float @llvm.nvvm.add.rz.f(float,float)
declare double @llvm.nvvm.fma.rm.d(double,double,double)
declare float @llvm.nvvm.div.approx.f(float,float)
declare float @llvm.nvvm.saturate.f(float)
declare i32 @llvm.nvvm.mulhi.i(i32,i32)
declare i32 @llvm.nvvm.prmt(i32,i32,i32)
declare i32 @llvm.nvvm.sad.i(i32,i32,i32)
@sh = internal addrspace(3) global [64 x i32] undef, align 4
define ptx_kernel void @warp(ptr addrspace(1) %p) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.laneid()
  %a = call i32 @llvm.nvvm.shfl.sync.idx.i32(i32 -1, i32 %t, i32 3, i32 31)
  %u = call {i32,i1} @llvm.nvvm.shfl.sync.up.i32p(i32 -1, i32 %t, i32 1, i32 0)
  %u0 = extractvalue {i32,i1} %u, 0
  %u1 = extractvalue {i32,i1} %u, 1
  %u2 = select i1 %u1, i32 %u0, i32 100
  %c = icmp ugt i32 %t, 20
  %b = call i32 @llvm.nvvm.vote.ballot.sync(i32 -1, i1 %c)
  %any = call i1 @llvm.nvvm.vote.any.sync(i32 -1, i1 %c)
  %anyz = zext i1 %any to i32
  %m = and i32 %t, 3
  %ma = call i32 @llvm.nvvm.match.any.sync.i32(i32 -1, i32 %m)
  %m64 = zext i32 %m to i64
  %mall = call {i32,i1} @llvm.nvvm.match.all.sync.i64p(i32 -1, i64 %m64)
  %mall0 = extractvalue {i32,i1} %mall, 0
  %r = call i32 @llvm.nvvm.redux.sync.add(i32 %t, i32 -1)
  call void @llvm.nvvm.bar.warp.sync(i32 -1)
  call void @llvm.nvvm.membar.gl()
  call void @llvm.nvvm.membar.cta()
  %pc = call i32 @llvm.nvvm.barrier0.popc(i32 %m)
  %pa = call i32 @llvm.nvvm.barrier0.and(i32 %m)
  call void @llvm.nvvm.barrier.sync.cnt(i32 2, i32 32)
  %g = getelementptr [10 x i32], ptr addrspace(1) %p, i32 %t
  %s0 = insertelement <4 x i32> undef, i32 %a, i32 0
  %s1 = insertelement <4 x i32> %s0, i32 %u2, i32 1
  %s2 = insertelement <4 x i32> %s1, i32 %b, i32 2
  %s3 = insertelement <4 x i32> %s2, i32 %anyz, i32 3
  store <4 x i32> %s3, ptr addrspace(1) %g, align 8
  %g4 = getelementptr i32, ptr addrspace(1) %g, i32 4
  store i32 %ma, ptr addrspace(1) %g4
  %g5 = getelementptr i32, ptr addrspace(1) %g, i32 5
  store i32 %mall0, ptr addrspace(1) %g5
  %g6 = getelementptr i32, ptr addrspace(1) %g, i32 6
  store i32 %r, ptr addrspace(1) %g6
  %g7 = getelementptr i32, ptr addrspace(1) %g, i32 7
  store i32 %r, ptr addrspace(1) %g7
  %g8 = getelementptr i32, ptr addrspace(1) %g, i32 8
  store i32 %pc, ptr addrspace(1) %g8
  %g9 = getelementptr i32, ptr addrspace(1) %g, i32 9
  store i32 %pa, ptr addrspace(1) %g9
  ret void
}
define ptx_kernel void @halves(ptr %p, ptr %q) {
  %a = load <2 x half>, ptr %p
  %b = load <2 x half>, ptr %q
  %c = call <2 x half> @llvm.fma.v2f16(<2 x half> %a, <2 x half> %b, <2 x half> %a)
  %d = fadd <2 x half> %c, %b
  %e = fdiv <2 x half> %d, %a
  %cm = fcmp olt <2 x half> %e, %a
  %s = select <2 x i1> %cm, <2 x half> %e, <2 x half> %b
  %mn = call <2 x half> @llvm.minnum.v2f16(<2 x half> %s, <2 x half> %b)
  store <2 x half> %mn, ptr %p
  %x = load half, ptr %q
  %y = call half @llvm.fma.f16(half %x, half %x, half 0xH3C00)
  %z = call half @llvm.sqrt.f16(half %y)
  %w = call half @llvm.maximum.f16(half %z, half %x)
  %w2 = call half @llvm.copysign.f16(half %w, half %x)
  %w3 = call half @llvm.fabs.f16(half %w2)
  %w4 = call half @llvm.floor.f16(half %w3)
  %i = fptosi half %w4 to i32
  %f = sitofp i32 %i to half
  %g = frem half %f, 0xH4000
  %h = fneg half %f
  %u = fcmp ueq half %h, %z
  %k = select i1 %u, half %h, half %z
  store half %k, ptr %q
  ret void
}
define ptx_kernel void @brains(ptr %p, ptr %q) {
  %a = load <2 x bfloat>, ptr %p
  %b = load <2 x bfloat>, ptr %q
  %c = call <2 x bfloat> @llvm.fma.v2bf16(<2 x bfloat> %a, <2 x bfloat> %b, <2 x bfloat> %a)
  %d = fadd <2 x bfloat> %c, %b
  %m = fmul <2 x bfloat> %d, %b
  %s = fsub <2 x bfloat> %m, %b
  store <2 x bfloat> %s, ptr %p
  %x = load bfloat, ptr %q
  %y = call bfloat @llvm.fma.bf16(bfloat %x, bfloat %x, bfloat %x)
  %z = call bfloat @llvm.maxnum.bf16(bfloat %y, bfloat %x)
  %z2 = call bfloat @llvm.rint.bf16(bfloat %z)
  %dd = fdiv bfloat %z2, %y
  %f = fpext bfloat %dd to float
  %f2 = fadd float %f, 1.0
  %t = fptrunc float %f2 to bfloat
  %dbl = fpext bfloat %t to double
  %tr = fptrunc double %dbl to bfloat
  %cmp = fcmp une bfloat %tr, %x
  %sel = select i1 %cmp, bfloat %tr, bfloat %x
  %i = fptosi bfloat %sel to i16
  %ib = uitofp i16 %i to bfloat
  store bfloat %ib, ptr %q
  ret void
}
define ptx_kernel void @floats(ptr %p, ptr %q) {
  %a = load float, ptr %p
  %b = load float, ptr %q
  %d = load double, ptr %p
  %n0 = fdiv float %a, %b
  %n1 = call float @llvm.sqrt.f32(float %n0)
  %n2 = call float @llvm.minnum.f32(float %n1, float %b)
  %n3 = call float @llvm.maximum.f32(float %n2, float %a)
  %n4 = call float @llvm.copysign.f32(float %n3, float %a)
  %n5 = call float @llvm.floor.f32(float %n4)
  %n6 = call float @llvm.ceil.f32(float %n5)
  %n7 = call float @llvm.trunc.f32(float %n6)
  %n8 = call float @llvm.roundeven.f32(float %n7)
  %n9 = call float @llvm.round.f32(float %n8)
  %n10 = call float @llvm.nvvm.ex2.approx.f(float %n9)
  %n11 = call float @llvm.nvvm.ex2.approx.ftz.f(float %n10)
  %n12 = call float @llvm.nvvm.lg2.approx.f(float %n11)
  %n13 = call float @llvm.nvvm.rsqrt.approx.f(float %n12)
  %n14 = call float @llvm.nvvm.rcp.rn.f(float %n13)
  %n15 = call float @llvm.nvvm.rcp.approx.ftz.f(float %n14)
  %n16 = call float @llvm.nvvm.sin.approx.f(float %n15)
  %n17 = call float @llvm.nvvm.add.rz.f(float %n16, float %a)
  %n18 = call float @llvm.nvvm.div.approx.f(float %n17, float %b)
  %n19 = call float @llvm.nvvm.saturate.f(float %n18)
  %n20 = frem float %n19, %b
  %s = call double @llvm.sqrt.f64(double %d)
  %s1 = fdiv double %s, %d
  %s2 = call double @llvm.minnum.f64(double %s1, double %d)
  %s3 = call double @llvm.fabs.f64(double %s2)
  %s4 = call double @llvm.rint.f64(double %s3)
  %s5 = call double @llvm.nvvm.fma.rm.d(double %s4, double %s3, double %d)
  %s6 = call double @llvm.nvvm.rcp.approx.ftz.d(double %s5)
  %i = fptosi double %s6 to i64
  %iu = fptoui float %n20 to i8
  %iuz = zext i8 %iu to i64
  %is = add i64 %i, %iuz
  %sat = call i32 @llvm.fptosi.sat.i32.f32(float %n20)
  %satz = sext i32 %sat to i64
  %is2 = xor i64 %is, %satz
  %satu = call i64 @llvm.fptoui.sat.i64.f64(double %s6)
  %is3 = sub i64 %is2, %satu
  %sat8 = call i8 @llvm.fptosi.sat.i8.f32(float %n20)
  %sat8z = sext i8 %sat8 to i64
  %is4 = sub i64 %is3, %sat8z
  %fd = uitofp i64 %is4 to double
  %ff = sitofp i64 %is4 to float
  store double %fd, ptr %p
  store float %ff, ptr %q
  ret void
}
define ptx_kernel void @ints(ptr %p, ptr %q) {
  %a = load i32, ptr %p
  %b = load i64, ptr %q
  %h = load i16, ptr %p
  %c8 = load i8, ptr %q
  %n0 = call i32 @llvm.ctlz.i32(i32 %a, i1 false)
  %n1 = call i64 @llvm.cttz.i64(i64 %b, i1 false)
  %n2 = call i16 @llvm.ctpop.i16(i16 %h)
  %n3 = call i32 @llvm.bitreverse.i32(i32 %n0)
  %n4 = call i64 @llvm.bswap.i64(i64 %n1)
  %n5 = call i32 @llvm.fshl.i32(i32 %a, i32 %n3, i32 7)
  %n6 = call i64 @llvm.fshr.i64(i64 %b, i64 %n4, i64 9)
  %n7 = call i32 @llvm.smax.i32(i32 %n5, i32 %a)
  %n8 = call i64 @llvm.abs.i64(i64 %n6, i1 false)
  %n9 = call i32 @llvm.sadd.sat.i32(i32 %n7, i32 %a)
  %n10 = call i32 @llvm.uadd.sat.i32(i32 %n9, i32 %a)
  %n11 = call {i32,i1} @llvm.umul.with.overflow.i32(i32 %n10, i32 %a)
  %n12 = extractvalue {i32,i1} %n11, 0
  %n13 = extractvalue {i32,i1} %n11, 1
  %n14 = zext i1 %n13 to i32
  %n15 = add i32 %n12, %n14
  %n16 = call i32 @llvm.nvvm.mulhi.i(i32 %n15, i32 %a)
  %n17 = call i32 @llvm.nvvm.prmt(i32 %n16, i32 %a, i32 291)
  %n18 = call i32 @llvm.nvvm.sad.i(i32 %n17, i32 %a, i32 %n16)
  %n19 = lshr i32 %n18, 5
  %n20 = and i32 %n19, 3
  %w = sext i32 %n20 to i128
  %wb = sext i64 %n8 to i128
  %wm = mul i128 %w, %wb
  %wa = add i128 %wm, %wb
  %ws = lshr i128 %wa, 64
  %wt = trunc i128 %ws to i64
  %d8 = sdiv i8 %c8, 3
  %e8 = sext i8 %d8 to i16
  %f16 = urem i16 %e8, %h
  %z16 = zext i16 %f16 to i64
  %sum = add i64 %wt, %z16
  %at0 = atomicrmw add ptr %p, i32 %a seq_cst
  %at1 = atomicrmw max ptr %p, i32 %a monotonic
  %at2 = atomicrmw umin ptr %p, i32 %a monotonic
  %at3 = atomicrmw xchg ptr %p, i32 %a monotonic
  %at4 = atomicrmw fadd ptr %p, float 1.0 monotonic
  %at5 = atomicrmw and ptr %q, i64 %b monotonic
  %cx = cmpxchg ptr %p, i32 %a, i32 %at0 seq_cst seq_cst
  %at6 = call i32 @llvm.nvvm.atomic.load.inc.32.p0(ptr %p, i32 7)
  %ld = load atomic i32, ptr %p monotonic, align 4
  store atomic i32 %ld, ptr %p monotonic, align 4
  %ld2 = load volatile i32, ptr %p
  %al = alloca [4 x i64], align 8
  %ai = getelementptr i64, ptr %al, i32 %n20
  store i64 %sum, ptr %ai
  %am = and i32 %a, 3
  %aj = getelementptr i64, ptr %al, i32 %am
  %av = load i64, ptr %aj
  store i64 %av, ptr %q
  ret void
}
define ptx_kernel void @table(ptr %p, i32 %n) {
  switch i32 %n, label %d [ i32 0, label %a
    i32 1, label %b
    i32 2, label %c
    i32 3, label %e
    i32 4, label %f
    i32 5, label %g ]
a: store i32 3, ptr %p
  br label %d
b: store i64 4, ptr %p
  br label %d
c: store i16 5, ptr %p
  br label %d
e: store i8 6, ptr %p
  br label %d
f: store float 7.0, ptr %p
  br label %d
g: store double 8.0, ptr %p
  br label %d
d: ret void
}
%big = type { [5 x i32], i64, float }
define internal %big @agg(%big %x, <4 x float> %v) noinline {
  %a = extractvalue %big %x, 1
  %b = add i64 %a, 5
  %c = insertvalue %big %x, i64 %b, 1
  %e = extractelement <4 x float> %v, i32 2
  %d = insertvalue %big %c, float %e, 2
  ret %big %d
}
define internal void @byval(ptr byval(%big) align 8 %x, ptr %o) noinline {
  %g = getelementptr %big, ptr %x, i32 0, i32 1
  %v = load i64, ptr %g
  store i64 %v, ptr %o
  ret void
}
define ptx_kernel void @aggregate(ptr %p, ptr byval(%big) align 8 %k) {
  %x = load %big, ptr %p
  %v = load <4 x float>, ptr %p
  %y = call %big @agg(%big %x, <4 x float> %v)
  store %big %y, ptr %p
  call void @byval(ptr byval(%big) align 8 %p, ptr %p)
  %kg = getelementptr %big, ptr %k, i32 0, i32 2
  %kv = load float, ptr %kg
  %po = getelementptr %big, ptr %p, i32 1, i32 2
  store float %kv, ptr %po
  ret void
}
