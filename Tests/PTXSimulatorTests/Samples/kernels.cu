#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
struct __attribute__((aligned(16))) float4{float x,y,z,w;};
extern "C" {
__constant__ float table[8] = {1,2,3,4,5,6,7,8};
__device__ int counter = 7;
__device__ const float* ptrs[2] = {table, table+2};
__device__ short mixed[5] = {1,-2,3,4,5};
struct S { int a; double b; char c[5]; const void* p; };
__device__ S s = {1, 2.5, "abcd", &counter};
#define tid __nvvm_read_ptx_sreg_tid_x()
#define ntid __nvvm_read_ptx_sreg_ntid_x()
#define bid __nvvm_read_ptx_sreg_ctaid_x()
__global__ void vadd(const float* __restrict__ a, const float* __restrict__ b, float* c, int n) {
  int i = bid*ntid+tid; if (i<n) c[i]=a[i]+b[i];
}
__global__ void rowsum(const float* a, float* out, int cols) {
  __shared__ float part[32];
  float s=0; for (int i=tid;i<cols;i+=ntid) s+=a[(long)bid*cols+i];
  for (int o=16;o;o>>=1) s += __nvvm_shfl_sync_down_f32(0xffffffff, s, o, 31);
  if ((tid&31)==0) part[tid>>5]=s;
  __syncthreads();
  if (tid<32){ s = tid < ntid/32 ? part[tid]:0; for (int o=16;o;o>>=1) s += __nvvm_shfl_sync_bfly_f32(0xffffffff, s, o, 31); if(!tid) out[bid]=s;}
}
__global__ void hist(const int*a,int*h,int n){ for(int i=bid*ntid+tid;i<n;i+=ntid*__nvvm_read_ptx_sreg_nctaid_x()) __nvvm_atom_add_gen_i(&h[a[i]],1);}
__global__ void collatz(const unsigned*a,int*out){ unsigned long x=a[tid];int k=0; while(x!=1){ if(x&1)x=3*x+1;else x/=2;k++;} out[tid]=k;}
__device__ __attribute__((noinline)) float poly(float x, const float*t, int n){ float r=0; for(int i=0;i<n;i++) r=r*x+t[i]; return r;}
__global__ void callit(float*x){ x[tid]=poly(x[tid],table,8)+ptrs[1][tid&3]; }
__global__ void sw(int*x,int m){ int r; switch(x[tid]){case 0:r=m;break;case 1:r=m*3;break;case 2:r=m/5;break;case 3:r=m^9;break;case 4:r=m-x[3];break;case 5:r=m<<x[1];break;default:r=0;} x[tid]=r;}
__global__ void local(int*x,int n){ int buf[16]; for(int i=0;i<16;i++)buf[i]=x[i]; int s=0; for(int i=0;i<n;i++){s+=buf[(s+i)&15]; buf[i&15]=s;} x[tid]=s; }
__global__ void st(S* q){ q[tid]=s; mixed[tid]+=counter; q->p = mixed;}

__global__ void transpose(const float* __restrict__ a, float* b, int n) {
  __shared__ float tile[32][33];
  int x=__nvvm_read_ptx_sreg_ctaid_x()*32+tid, y0=__nvvm_read_ptx_sreg_ctaid_y()*32;
  for(int j=__nvvm_read_ptx_sreg_tid_y();j<32;j+=8) tile[j][tid]=a[(y0+j)*n+x];
  __syncthreads();
  int x2=__nvvm_read_ptx_sreg_ctaid_y()*32+tid, y2=__nvvm_read_ptx_sreg_ctaid_x()*32;
  for(int j=__nvvm_read_ptx_sreg_tid_y();j<32;j+=8) b[(y2+j)*n+x2]=tile[tid][j];
}
extern __shared__ int dyn[];
__global__ void reverse(int*x){ dyn[tid]=x[tid]; __syncthreads(); x[tid]=dyn[ntid-1-tid]; }
__global__ void sharedhist(const int*a,int*h,int n){ __shared__ int bins[64]; for(int i=tid;i<64;i+=ntid)bins[i]=0; __syncthreads();
  for(int i=tid;i<n;i+=ntid) __nvvm_atom_add_gen_i(&bins[a[i]&63],1); __syncthreads(); for(int i=tid;i<64;i+=ntid) h[i]=bins[i]; }
__global__ void half2(const _Float16*a, _Float16*b, int n){ int i=bid*ntid+tid; if(i<n){ float x=(float)a[i]; b[i]=(_Float16)(x*x+1.0f);} }
__global__ void saxpy4(float a, const float4* __restrict__ x, float4* y, int n){ int i=bid*ntid+tid; if(i<n){ float4 u=x[i],v=y[i]; v.x+=a*u.x; v.y+=a*u.y; v.z+=a*u.z; v.w+=a*u.w; y[i]=v; } }
__global__ void divs(const int*a,const int*b,long*o){ int i=tid; o[4*i]=a[i]/b[i]; o[4*i+1]=a[i]%b[i]; o[4*i+2]=(unsigned)a[i]/(unsigned)b[i]; o[4*i+3]=((long)a[i]<<20)/(long)b[i]; }
}
