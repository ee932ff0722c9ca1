namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>Every parameter and persistent buffer of the tree, by its dotted name. The tensors are the
            /// module's own, not copies.</summary>
            public virtual Dictionary<string, Tensor> state_dict(
                Dictionary<string, Tensor> destination = null, string prefix = null)
            {
                destination ??= [];
                foreach (var (parameterName, parameter) in named_parameters())
                {
                    destination.TryAdd(Dotted(prefix, parameterName), parameter);
                }
                foreach (var (bufferName, buffer) in named_buffers(include_nonpersistent: false))
                {
                    destination.TryAdd(Dotted(prefix, bufferName), buffer);
                }
                foreach (var (childName, child) in _internal_submodules)
                {
                    child.state_dict(destination, Dotted(prefix, childName));
                }
                return destination;
            }

            /// <summary>Copies values into the module's own tensors; a value broadcasts if its shape allows it, as
            /// in the package.</summary>
            /// <exception cref="InvalidOperationException">Strict, and a name is missing on either side.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string> skip = null)
            {
                skip ??= [];
                Dictionary<string, Tensor> destination = state_dict();
                List<string> unexpected = Absent(source, destination, skip);
                List<string> missing = Absent(destination, source, skip);
                if (strict && missing.Count + unexpected.Count > 0)
                {
                    throw new InvalidOperationException(
                        "The loaded state_dict is not identical to the target dictionary. Missing: " +
                        $"[{string.Join(", ", missing)}]. Unexpected: [{string.Join(", ", unexpected)}].");
                }

                using IDisposable noGrad = no_grad();
                foreach (var (key, value) in source)
                {
                    if (!skip.Contains(key) && destination.TryGetValue(key, out Tensor target))
                    {
                        target.copy_(value);
                    }
                }
                return (missing, unexpected);
            }

            private static List<string> Absent(
                Dictionary<string, Tensor> here, Dictionary<string, Tensor> there, IList<string> skip) =>
                [.. here.Keys.Where(key => !skip.Contains(key) && !there.ContainsKey(key))];

            private static string Dotted(string prefix, string name) =>
                string.IsNullOrEmpty(prefix) ? name : $"{prefix}.{name}";
        }
    }
}
