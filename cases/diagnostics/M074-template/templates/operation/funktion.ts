export default () => ({ output: {} });
