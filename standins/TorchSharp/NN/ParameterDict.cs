using System.Collections;
using System.Diagnostics.CodeAnalysis;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Parameters by name, in order. What is added after registration is not registered.</summary>
    public class ParameterDict : nn.Module, IEnumerable<(string, Parameter)>
    {
        private readonly OrderedDict<string, Parameter> _parameters = new();
        private bool _registered;

        public ParameterDict() : base(nameof(ParameterDict))
        {
        }

        public int Count => _parameters.Count;

        public Parameter this[string key]
        {
            get => _parameters[key];
            set => _parameters[key] = value;
        }

        public (string, Parameter) this[int index]
        {
            get => _parameters[index];
            set => _parameters[index] = value;
        }

        public IEnumerable<string> keys() => _parameters.keys();

        public IEnumerable<Parameter> values() => _parameters.values();

        public IEnumerator<(string, Parameter)> items() => _parameters.items();

        public void Add(string key, Parameter value) => _parameters.Add(key, value);

        public void Add((string, Parameter) item) => _parameters.Add(item);

        public bool ContainsKey(string key) => _parameters.ContainsKey(key);

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out Parameter value) =>
            _parameters.TryGetValue(key, out value);

        public bool Remove(string key) => _parameters.Remove(key);

        public void Clear() => _parameters.Clear();

        public IEnumerator<(string, Parameter)> GetEnumerator() => _parameters.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override bool has_parameter(string target) => ContainsKey(target);

        public override Parameter get_parameter(string target) =>
            TryGetValue(target, out Parameter parameter) ? parameter : null;

        protected override void RegisterComponents()
        {
            if (_registered)
            {
                return;
            }
            foreach (var (key, parameter) in _parameters)
            {
                register_parameter(key, parameter);
            }
            _registered = true;
        }

        protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) =>
            Renewed(base._to(device, dtype, non_blocking));

        protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
            Renewed(base._to(deviceType, deviceIndex, non_blocking));

        protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) =>
            Renewed(base._to(dtype, non_blocking));

        private nn.Module Renewed(nn.Module module)
        {
            foreach (string key in _parameters.keys().ToList())
            {
                if (_internal_params.TryGetValue(key, out Parameter moved))
                {
                    _parameters[key] = moved;
                }
            }
            return module;
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static ParameterDict ParameterDict(params (string, Parameter)[] parameters)
            {
                var result = new ParameterDict();
                foreach ((string, Parameter) item in parameters)
                {
                    result.Add(item);
                }
                return result;
            }
        }
    }
}
