using System.ComponentModel;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A reference to one of libtorch's tensors. Several may refer to the same one.</summary>
    public partial class Tensor : IDisposable
    {
        private static long totalCount;
        private static long peakCount;

        private nint handle;

        internal Tensor(nint handle)
        {
            this.handle = handle;
            long count = Interlocked.Increment(ref totalCount);
            if (count > Volatile.Read(ref peakCount))
            {
                Volatile.Write(ref peakCount, count);
            }

            OwningDisposeScope = DisposeScopeManager.Register(this);
        }

        ~Tensor() => Dispose(false);

        /// <summary>How many managed tensors there are.</summary>
        public static long TotalCount => Interlocked.Read(ref totalCount);

        /// <summary>How many managed tensors there were at most.</summary>
        public static long PeakCount => Interlocked.Read(ref peakCount);

        public bool IsInvalid => handle == 0;

        public nint Handle =>
            handle != 0 ? handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        public string? name { get; set; }

        internal DisposeScope OwningDisposeScope { get; set; }

        /// <summary>A managed tensor that owns the native one of the handle.</summary>
        [EditorBrowsable(EditorBrowsableState.Never)]
        public static Tensor UnsafeCreateTensor(nint handle) => new(handle);

        /// <summary>Gives the native tensor away: the caller owns the handle.</summary>
        public nint DecoupleFromNativeHandle()
        {
            nint given = Handle;
            handle = 0;
            GC.SuppressFinalize(this);
            Interlocked.Decrement(ref totalCount);
            return given;
        }

        /// <summary>Gives the handle to a parameter. As in the package, the emptied tensor stays counted.</summary>
        internal nint MoveHandle()
        {
            nint given = handle;
            handle = 0;
            return given;
        }

        public void Dispose()
        {
            OwningDisposeScope?.MarkAsDisposed(this);
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            nint freed = Interlocked.Exchange(ref handle, 0);
            if (freed != 0)
            {
                Interlocked.Decrement(ref totalCount);
                Shim.shim_tensor_free(freed);
            }
        }

        /// <summary>Moves the tensor to the scope around its own, or out of all scopes when there is none.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } owner)
            {
                owner.MoveToOther(other, this);
            }
            else
            {
                other?.Attach(this);
            }

            return this;
        }

        /// <summary>Takes the tensor out of all scopes: whoever holds it disposes it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        /// <summary>One more reference to the same native tensor.</summary>
        public Tensor alias() => new(AliasHandle());

        public override bool Equals(object? obj) => obj is Tensor tensor && Equals(tensor);

        /// <summary>Whether the tensors have the same shape and elements.</summary>
        public bool Equals(Tensor target) => target is not null && Call.Truth(Aten.equal, this, target);

        public override int GetHashCode() => base.GetHashCode();

        internal nint AliasHandle()
        {
            nint alias = Shim.Check(Shim.shim_tensor_alias(Handle));
            GC.KeepAlive(this);
            return alias;
        }
    }
}
