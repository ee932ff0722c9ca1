using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>One module after another, named "0", "1", and so on unless named otherwise.</summary>
    public class Sequential : nn.Module<Tensor, Tensor>
    {
        private readonly List<(string Name, nn.Module Module)> _children = [];

        internal Sequential() : base(nameof(Sequential))
        {
        }

        protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : this()
        {
            foreach (var (name, module) in modules)
            {
                append(name, module);
            }
        }

        protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : this()
        {
            foreach (nn.Module<Tensor, Tensor> module in modules)
            {
                append(module);
            }
        }

        public int Count => _children.Count;

        [System.Runtime.CompilerServices.IndexerName("SequentialItems")]
        public nn.IModule<Tensor, Tensor> this[int index] => (nn.IModule<Tensor, Tensor>)_children[index].Module;

        public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
        {
            _children.Add((name, (nn.Module)module));
            return this;
        }

        public Sequential append(nn.IModule<Tensor, Tensor> module) => append($"{_children.Count}", module);

        public override Tensor forward(Tensor tensor)
        {
            if (_children.Count == 0)
            {
                return tensor.alias();
            }
            Tensor current = tensor;
            foreach (var (_, module) in _children)
            {
                Tensor next = ((nn.IModule<Tensor, Tensor>)module).call(current);
                if (!ReferenceEquals(current, tensor))
                {
                    current.Dispose();
                }
                current = next;
            }
            return current;
        }

        public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
        {
            var seen = new HashSet<IntPtr>();
            foreach (var (childName, child) in recurse ? _children : [])
            {
                foreach (var (parameterName, parameter) in child.named_parameters(true))
                {
                    if (seen.Add(parameter.Handle))
                    {
                        yield return ($"{childName}.{parameterName}", parameter);
                    }
                }
            }
        }

        public override IEnumerable<(string name, Tensor buffer)> named_buffers(
            bool recurse = true, bool include_persistent = true)
        {
            var seen = new HashSet<IntPtr>();
            foreach (var (childName, child) in recurse ? _children : [])
            {
                foreach (var (bufferName, buffer) in child.named_buffers(true, include_persistent))
                {
                    if (seen.Add(buffer.Handle))
                    {
                        yield return ($"{childName}.{bufferName}", buffer);
                    }
                }
            }
        }

        public override IEnumerable<(string name, nn.Module module)> named_children() => _children;

        public override IEnumerable<(string name, nn.Module module)> named_modules() =>
            _children.Concat(_children.SelectMany(child =>
                child.Module.named_modules().Select(inner => ($"{child.Name}.{inner.name}", inner.module))));

        public override nn.Module apply(Action<nn.Module> fn)
        {
            foreach (var (_, child) in _children)
            {
                child.apply(fn);
            }
            fn(this);
            return this;
        }

        // As in the package, the mode is the children's: `training` of the sequence itself stays as it was.
        public override void train(bool on = true)
        {
            foreach (var (_, child) in _children)
            {
                child.train(on);
            }
        }

        public override void eval()
        {
            foreach (var (_, child) in _children)
            {
                child.eval();
            }
        }

        protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking)
        {
            foreach (var (_, child) in _children)
            {
                child._to(device, dtype, non_blocking);
            }
            return this;
        }

        protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
        {
            foreach (var (_, child) in _children)
            {
                child._to(deviceType, deviceIndex, non_blocking);
            }
            return this;
        }

        protected internal override nn.Module _to(ScalarType dtype, bool non_blocking)
        {
            foreach (var (_, child) in _children)
            {
                child._to(dtype, non_blocking);
            }
            return this;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                foreach (var (_, child) in _children)
                {
                    child.Dispose();
                }
            }
            base.Dispose(disposing);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Sequential Sequential() => new();

            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) =>
                Sequential((IEnumerable<(string, Module<Tensor, Tensor>)>)modules);

            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) =>
                Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            public static Sequential Sequential(
                IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules)
            {
                var result = new Sequential();
                foreach (var (name, module) in modules)
                {
                    result.append(name, module);
                }
                return result;
            }

            public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
            {
                var result = new Sequential();
                foreach (Module<Tensor, Tensor> module in modules)
                {
                    result.append(module);
                }
                return result;
            }
        }
    }
}
